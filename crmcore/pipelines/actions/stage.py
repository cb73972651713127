"""What must be true of a stage, and taking one away or putting them into another order."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any
from uuid import UUID

from crmcore.customers.actions.claim import claim
from crmcore.entities import actions
from crmcore.entities.action import Ref, action
from crmcore.entities.change import Change
from crmcore.entities.store import Row
from crmcore.entities.work import Work
from crmcore.errors import InUse, Invalid
from crmcore.pipelines.actions.keys import fill_key, keep
from crmcore.pipelines.actions.pipeline import count_deals, lacking
from crmcore.pipelines.actions.required import fillable

__all__ = ["delete_stage", "prepare_stage", "reorder_stages"]

#: By kind: the probability it must have (None: any), and the forecast category if none is given.
_KINDS: Mapping[str, tuple[int | None, str]] = {
    "OPEN": (None, "PIPELINE"),
    "WON": (100, "CLOSED"),
    "LOST": (0, "OMITTED"),
}


async def prepare_stage(work: Work, change: Change) -> None:
    """Check and complete a stage, and that its pipeline keeps the stages it needs."""
    if change.kind in ("delete", "destroy"):
        await _check_leaving(work, change)
        return
    if change.kind != "update" and not change.violations:
        await _join(work, change)
    if change.kind == "restore":
        return
    fill_key(change)
    keep(change, "pipeline_id", "key", "kind", "is_on_hold")
    if change.get("kind") in _KINDS:
        _fit_kind(change)
    _check_texts(change, "required_fields", fillable(work), "fields of a deal that clients can fill")
    siblings = [s["key"] for s in await work.find("stage", pipeline_id=change.get("pipeline_id"))]
    active = await work.find("pipeline", id=change.get("pipeline_id"), is_active=True)
    _check_texts(
        change, "allowed_next", [*siblings, change.get("key")] if active else None, "keys of stages of this pipeline"
    )


async def _join(work: Work, change: Change) -> None:
    pipeline = change.get("pipeline_id")
    await claim(work, "pipeline", [pipeline])
    present = await work.find("stage", pipeline_id=pipeline)
    if change.get("kind") == "WON" and any(stage["kind"] == "WON" for stage in present):
        change.refuse("kind", "SECOND_WON", "A pipeline has exactly one WON stage, and this one has it already.")
    taken = {stage["position"] for stage in present}
    if change.get("position") is None or (change.kind == "restore" and change.get("position") in taken):
        change.values["position"] = max(taken, default=-1) + 1


def _fit_kind(change: Change) -> None:
    kind = change.get("kind")
    fixed, category = _KINDS[kind]
    if change.get("probability") is None:
        change.values["probability"] = fixed or 0
    elif fixed is not None and change.get("probability") != fixed:
        change.refuse("probability", "WRONG_KIND", f"A {kind} stage has the probability {fixed}; leave it out.")
    if change.get("forecast_category") is None:
        change.values["forecast_category"] = category
    if change.get("is_on_hold") and kind != "OPEN":
        change.refuse("is_on_hold", "WRONG_KIND", "Only an OPEN stage can be on hold.")


def _check_texts(change: Change, column: str, known: Any, what: str) -> None:
    value = change.get(column)
    if value is None or not change.changed(column):
        return
    if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
        change.refuse(column, "WRONG_TYPE", f"This must be a list of texts: {what}.")
    elif known is not None and (unknown := [item for item in value if item not in known]):
        change.refuse(
            column, "UNKNOWN_VALUE", f"{', '.join(unknown)} are not {what}; known are {', '.join(sorted(known))}."
        )


async def _check_leaving(work: Work, change: Change) -> None:
    if deals := await count_deals(work, "stage_id", change.id):
        msg = f"{deals} deals are in the stage {change.was('name')}; deleteStage moves them if you give targetStageId."
        raise InUse(msg)
    if change.was("deleted_at") is not None:
        return
    await claim(work, "pipeline", [change.was("pipeline_id")])
    if not await work.find("pipeline", id=change.was("pipeline_id"), is_active=True):
        return
    others = [s for s in await work.find("stage", pipeline_id=change.was("pipeline_id")) if s["id"] != change.id]
    for stage in others:
        if change.was("key") in (stage["allowed_next"] or ()):
            stage["allowed_next"] = [key for key in stage["allowed_next"] if key != change.was("key")]
            await actions.update(work, "stage", stage["id"], {"allowed_next": stage["allowed_next"]})
    if problem := lacking(others):
        way = "rename the stage" if change.was("kind") == "WON" else "add another stage of its kind first"
        msg = f"{problem} Instead of taking {change.was('name')} away, {way}, or make the pipeline inactive."
        raise InUse(msg)


@action(returns="stage")
async def delete_stage(
    work: Work,
    id: Annotated[UUID, Ref("stage"), "Which stage."],
    target_stage_id: Annotated[
        UUID | None, Ref("stage"), "Where its deals go: another stage of the pipeline. Needed if it has deals."
    ] = None,
    expected_version: Annotated[int | None, "Refuse if somebody has written since this version."] = None,
) -> Row:
    """Delete a stage and move its deals into another one.

    Raises:

        InUse: the stage has deals and no target is given, or its pipeline needs it.
        Invalid: the target is this stage or one of another pipeline, or a deal may not be there.
    """
    stage = await work.get("stage", id, action="delete")
    if target_stage_id is not None:
        target = await work.get("stage", target_stage_id)
        if target_stage_id == id or target["pipeline_id"] != stage["pipeline_id"]:
            message = f"{target['name']} is not another stage of the same pipeline; choose one that is."
            raise Invalid.at("targetStageId", "WRONG_STAGE", message)
        # From the last to the first, each to the top: they arrive in the order they were in.
        rows = await work.rows(
            "select id from deal where stage_id = $1 and deleted_at is null order by rank desc, id desc", id
        )
        for row in rows:
            await actions.update(work, "deal", row["id"], {"stage_id": target_stage_id}, rebuilding=True)
    return await actions.delete(work, "stage", id, expected_version=expected_version)


@action(returns="pipeline")
async def reorder_stages(
    work: Work,
    id: Annotated[UUID, Ref("pipeline"), "Whose stages."],
    stage_ids: Annotated[list[UUID], Ref("stage"), "All its stages in their new order."],
) -> Row:
    """Put the stages of a pipeline into another order.

    Raises:

        Invalid: the list does not name each of the pipeline's stages once.
    """
    pipeline = await work.get("pipeline", id, action="update")
    present = {stage["id"] for stage in await work.find("stage", pipeline_id=id)}
    if len(stage_ids) != len(present) or set(stage_ids) != present:
        raise Invalid.at(
            "stageIds", "INCOMPLETE", f"Name each of the {len(present)} stages of {pipeline['name']} once."
        )
    for place, stage_id in enumerate(stage_ids):
        # No two stages may share a position even for a moment, so all step aside first.
        await work.change("stage", stage_id, {"position": -1 - place})
    for place, stage_id in enumerate(stage_ids):
        await actions.update(work, "stage", stage_id, {"position": place})
    return pipeline
