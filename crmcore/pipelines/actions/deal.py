"""What must be true of a deal before it is written, and moving one."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated
from uuid import UUID

from crmcore.customers.actions.custom_fields import check_custom_fields
from crmcore.customers.actions.primary import only_one
from crmcore.entities import actions
from crmcore.entities.action import Ref, action
from crmcore.entities.change import Change
from crmcore.entities.store import Row
from crmcore.entities.work import Work
from crmcore.errors import InUse
from crmcore.pipelines.actions.moving import check_closing, enter, find_stage, stage_to_enter
from crmcore.pipelines.actions.ranking import Spot, place
from crmcore.pipelines.actions.required import check_required
from crmcore.pipelines.actions.worth import set_base_amount, set_probability

__all__ = ["move_deal", "prepare_deal", "prepare_deal_contact"]


@action(returns="deal")
async def move_deal(
    work: Work,
    id: Annotated[UUID, Ref("deal"), "Which deal."],
    stage_id: Annotated[UUID, Ref("stage"), "Into which stage."],
    pipeline_id: Annotated[
        UUID | None, Ref("pipeline"), "The stage's pipeline, if it is another one than the deal's."
    ] = None,
    note: Annotated[str | None, "What is said about the move."] = None,
    lost_reason_id: Annotated[UUID | None, Ref("lost_reason"), "Why it is lost; needed for a LOST stage."] = None,
    lost_note: Annotated[str | None, "More about why it is lost."] = None,
    fx_rate: Annotated[
        float | None, "Units of the pipeline's currency for one unit of the deal's, kept with the deal."
    ] = None,
    at: Annotated[datetime | None, "When it happened, if not now: after the deal came into its present stage."] = None,
    after: Annotated[UUID | None, Ref("deal"), "The deal of that stage it comes right after; wins over before."] = None,
    before: Annotated[
        UUID | None, Ref("deal"), "The deal of that stage it comes right before. With neither, it comes first."
    ] = None,
    expected_version: Annotated[int | None, "Refuse if somebody has written since this version."] = None,
) -> Row:
    """Move a deal into another stage by the rules of its pipeline, and remember when, how long, and by whom.

    Raises:

        Invalid: the stage is of another pipeline, may not follow, or demands what the deal lacks.
    """
    said = {
        "stage_id": stage_id,
        "pipeline_id": pipeline_id,
        "stage_note": note,
        "lost_reason_id": lost_reason_id,
        "lost_note": lost_note,
        "fx_rate": fx_rate,
    }
    values = {column: value for column, value in said.items() if value is not None}
    spot = Spot(after, before)
    return await actions.update(
        work, "deal", id, values, expected_version=expected_version, at=at, spot=spot, ranking=bool(spot)
    )


async def prepare_deal(work: Work, change: Change) -> None:
    """Check and complete a deal: its way through the pipeline, its worth, its team and its custom fields."""
    if change.kind == "restore":
        await _return(work, change)
    if change.kind not in ("create", "update"):
        return
    stage = await stage_to_enter(work, change)
    if stage is not None:
        await enter(work, change, stage)
    elif change.kind == "update":
        await _stay(work, change)
    await check_closing(work, change)
    await _value(work, change, stage)
    if (stage is not None or change.context.get("ranking")) and not change.violations:
        await place(work, change, change.context.get("spot") or Spot())
    await _check_team(work, change)
    await check_custom_fields(work, change)


async def _stay(work: Work, change: Change) -> None:
    change.values.pop("stage_entered_at", None)
    if change.get("status") not in ("WON", "LOST") or change.get("closed_at") is None:
        change.values.pop("closed_at", None)
    emptied = {column for column in change.values if change.changed(column) and change.get(column) in (None, "")}
    if emptied and (stage := await find_stage(work, change.was("stage_id"))) is not None:
        check_required(work, change, stage, emptied)


async def _value(work: Work, change: Change, stage: Row | None) -> None:
    said = change.given & {"probability", "probability_source"}
    if stage is None and said and not change.violations:
        stage = await find_stage(work, change.get("stage_id"))
    if stage is not None:
        set_probability(change, stage)
    await set_base_amount(work, change)


async def _check_team(work: Work, change: Change) -> None:
    team = change.get("team_id")
    if team is None or change.violations or not (change.changed("team_id") or change.changed("pipeline_id")):
        return
    teams = await work.find("pipeline_team", pipeline_id=change.get("pipeline_id"))
    if teams and team not in {row["team_id"] for row in teams}:
        change.refuse(
            "team_id",
            "OTHER_TEAM",
            "This pipeline is for other teams; choose one of them, or add the team to the pipeline.",
        )


async def _return(work: Work, change: Change) -> None:
    if not await work.find("pipeline", id=change.was("pipeline_id")):
        msg = f"The pipeline of {change.was('name')} was deleted; restore the pipeline first."
        raise InUse(msg)
    if await find_stage(work, change.was("stage_id")) is not None:
        return
    kind = {"WON": "WON", "LOST": "LOST"}.get(change.was("status"), "OPEN")
    stages = await work.find("stage", pipeline_id=change.was("pipeline_id"), kind=kind)
    if not stages:
        msg = (
            f"The stage of {change.was('name')} was deleted, and its pipeline has no other {kind} stage; add one first."
        )
        raise InUse(msg)
    stage = min(stages, key=lambda row: row["position"])
    change.values |= {"stage_id": stage["id"], "stage_entered_at": work.now, "stage_note": None}
    change.values["status"] = "ON_HOLD" if stage["is_on_hold"] else stage["kind"]
    await place(work, change, Spot())


async def prepare_deal_contact(work: Work, change: Change) -> None:
    """Keep one primary contact a deal."""
    await only_one(work, change, "is_primary", ("deal_id",))
