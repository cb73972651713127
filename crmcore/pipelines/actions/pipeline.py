"""What must be true of a pipeline, and making one with its stages in one go."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Annotated, Any
from uuid import UUID

from crmcore.customers.actions.primary import only_one
from crmcore.entities import actions
from crmcore.entities.action import action
from crmcore.entities.change import Change
from crmcore.entities.store import Row
from crmcore.entities.work import Work
from crmcore.errors import InUse, Invalid
from crmcore.pipelines.actions.keys import fill_key, keep
from crmcore.pipelines.tables import ForecastCategory, StageKind

__all__ = ["StageInput", "count_deals", "create_pipeline", "lacking", "prepare_pipeline"]


@dataclass(frozen=True)
class StageInput:
    """A stage of a new pipeline."""

    name: Annotated[str, "Its name for people."]
    kind: Annotated[StageKind, "What being here means for a deal."] = StageKind.OPEN
    key: Annotated[str | None, "Its name in scripts and mappings; made from the name if left out."] = None
    description: Annotated[str | None, "When a deal belongs here."] = None
    is_on_hold: Annotated[bool, "For OPEN: whether deals here rest."] = False
    probability: Annotated[int | None, "Chance to win in percent; 100 for WON, 0 for LOST."] = None
    forecast_category: Annotated[ForecastCategory | None, "How a forecast counts deals here."] = None
    color: Annotated[str | None, "How to paint it, as in #2f6f4f."] = None
    expected_days: Annotated[int | None, "How many days a deal should stay at most."] = None
    wip_limit: Annotated[int | None, "How many deals should be here at most."] = None
    required_fields: Annotated[list[str] | None, "Fields of a deal that must be filled before it may enter."] = None
    allowed_next: Annotated[list[str] | None, "Keys of the stages a deal may go to from here; null means any."] = None

    def row(self) -> Row:
        """Return the columns it fills."""
        given = {name: value for name, value in asdict(self).items() if value is not None}
        return given | {name: given[name].name for name in ("kind", "forecast_category") if name in given}


@action(returns="pipeline")
async def create_pipeline(
    work: Work,
    name: Annotated[str, "Its name for people."],
    stages: Annotated[list[StageInput], "Its stages in order: at least one OPEN, exactly one WON, at least one LOST."],
    key: Annotated[str | None, "Its name in scripts and mappings; made from the name if left out."] = None,
    description: Annotated[str | None, "What goes through it."] = None,
    currency: Annotated[str | None, "The currency in which its deals are added up, as in EUR (ISO 4217)."] = None,
    is_default: Annotated[bool, "Whether deals that name no pipeline go into this one."] = False,
    position: Annotated[int, "Where it stands among the others."] = 0,
) -> Row:
    """Make a pipeline with its stages, ready for use. Needs the rights to create pipelines and stages and to update pipelines.

    Raises:

        Invalid: the stages do not make a pipeline, or one of them breaks rules.
        Duplicate: the key is taken.
    """
    values = {"name": name, "key": key, "description": description, "currency": currency, "position": position}
    pipeline = await actions.create(work, "pipeline", {k: v for k, v in values.items() if v is not None})
    for place, stage in enumerate(stages):
        try:
            await actions.create(work, "stage", {**stage.row(), "pipeline_id": pipeline["id"], "position": place})
        except Invalid as wrong:
            raise Invalid.of([replace(v, path=f"stages.{place}.{v.path}") for v in wrong.violations]) from wrong
    return await actions.update(work, "pipeline", pipeline["id"], {"is_active": True, "is_default": is_default})


async def prepare_pipeline(work: Work, change: Change) -> None:
    """Check that an active pipeline has the stages it needs, and that a default one is active."""
    if change.kind in ("delete", "destroy"):
        await _check_unused(work, change)
    if change.kind == "restore":
        ready = lacking(await work.find("stage", pipeline_id=change.id)) is None
        change.values |= {"is_default": False, "is_active": change.was("is_active") and ready}
    if change.kind not in ("create", "update"):
        return
    fill_key(change)
    keep(change, "key", "entity_type")
    if change.get("entity_type") not in work.entities:
        change.refuse("entity_type", "UNKNOWN_VALUE", f"There is no entity {change.get('entity_type')!r}.")
    if change.kind == "create" and change.get("is_active"):
        message = "A new pipeline has no stages yet. Use createPipeline with stages, or make it inactive, add stages, then set isActive."
        change.refuse("is_active", "NO_STAGES", message)
    elif change.changed("is_active") and change.get("is_active"):
        await _activate(work, change)
    if change.get("is_default") and not change.get("is_active"):
        change.refuse("is_default", "NOT_ACTIVE", "The default pipeline must be active; choose another default first.")
    await only_one(work, change, "is_default", ("entity_type",))


def lacking(stages: Sequence[Mapping[str, Any]]) -> str | None:
    """Say what a list of stages lacks to be those of an active pipeline; None if nothing."""
    count = Counter(stage["kind"] for stage in stages)
    if not count["OPEN"]:
        return "A pipeline needs at least one OPEN stage."
    if count["WON"] != 1:
        return f"A pipeline needs exactly one WON stage; this one has {count['WON']}."
    if not count["LOST"]:
        return "A pipeline needs at least one LOST stage."
    keys = {stage["key"] for stage in stages}
    for stage in stages:
        if unknown := [key for key in stage["allowed_next"] or () if key not in keys]:
            return f"allowedNext of {stage['key']} names {', '.join(unknown)}; the pipeline's stages are {', '.join(sorted(keys))}."
    return None


async def _activate(work: Work, change: Change) -> None:
    if problem := lacking(await work.find("stage", pipeline_id=change.id)):
        change.refuse("is_active", "STAGES", problem)
    entity = change.get("entity_type")
    if "is_default" not in change.given or not change.get("is_default"):
        change.values["is_default"] = not await work.find("pipeline", entity_type=entity, is_default=True)


async def _check_unused(work: Work, change: Change) -> None:
    live = await count_deals(work, "pipeline_id", change.id)
    if live:
        msg = f"{live} deals are in the pipeline {change.was('name')}; move them to another one or delete them first."
        raise InUse(msg)
    if change.kind == "delete" and change.was("is_default"):
        msg = f"{change.was('name')} is the default pipeline; make another one the default first."
        raise InUse(msg)


async def count_deals(work: Work, column: str, id: UUID) -> int:
    """Return how many live deals have an id in a column."""
    found = await work.rows(f"select count(*) as n from deal where {column} = $1 and deleted_at is null", id)
    return int(found[0]["n"])
