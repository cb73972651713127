"""The rules by which a deal comes into a stage, whatever the door: moveDeal, updateDeal, a batch, an import."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from crmcore.customers.actions.moment import moment
from crmcore.entities import store
from crmcore.entities.change import Change
from crmcore.entities.store import Row
from crmcore.entities.work import Work
from crmcore.pipelines.actions.required import check_required

__all__ = ["check_closing", "enter", "find_stage", "stage_to_enter"]

_CLOSED = ("WON", "LOST")


async def find_stage(work: Work, id: UUID) -> Row | None:
    """Read a live stage; it cannot be deleted before the transaction ends."""
    lock = " for share" if work.database.dialect == "postgresql" else ""
    found = await store.select(work.database, work.entities["stage"], f"t.id = $1 and t.deleted_at is null{lock}", id)
    return found[0] if found else None


async def stage_to_enter(work: Work, change: Change) -> Row | None:
    """Return the stage the deal comes into, completing pipeline and stage; None if it stays, or if a violation was noted."""
    if change.kind == "update" and not (change.changed("stage_id") or change.changed("pipeline_id")):
        return None
    if change.violations:
        return None
    if change.kind == "update" and not change.changed("stage_id"):
        change.refuse(
            "stage_id", "REQUIRED", "Another pipeline has other stages; say which of them the deal comes into."
        )
        return None
    if change.get("stage_id") is None:
        await _begin(work, change)
        if change.violations:
            return None
    stage = await find_stage(work, change.get("stage_id"))
    if stage is None:
        return None  # noted as an unknown reference already
    if change.get("pipeline_id") is None:
        change.values["pipeline_id"] = stage["pipeline_id"]
    if stage["pipeline_id"] != change.get("pipeline_id"):
        message = f"{stage['name']} is a stage of another pipeline; give pipelineId too, if the deal is to go there."
        change.refuse("stage_id", "OTHER_PIPELINE", message)
        return None
    await _check_pipeline(work, change)
    return None if change.violations else stage


async def _begin(work: Work, change: Change) -> None:
    if change.get("pipeline_id") is None:
        found = await work.find("pipeline", entity_type="deal", is_default=True)
        if not found:
            change.refuse(
                "pipeline_id",
                "REQUIRED",
                "There is no default pipeline; say which pipeline or stage the deal goes into.",
            )
            return
        change.values["pipeline_id"] = found[0]["id"]
    stages = await work.find("stage", pipeline_id=change.get("pipeline_id"), kind="OPEN")
    if not stages:
        change.refuse("pipeline_id", "NO_STAGES", "This pipeline has no open stage; choose another one.")
        return
    change.values["stage_id"] = min(stages, key=lambda stage: stage["position"])["id"]


async def _check_pipeline(work: Work, change: Change) -> None:
    if not change.changed("pipeline_id"):
        return
    found = await work.find("pipeline", id=change.get("pipeline_id"))
    if not found or not found[0]["is_active"] or found[0]["entity_type"] != "deal":
        change.refuse(
            "pipeline_id", "NOT_ACTIVE", "This pipeline takes no deals: it is inactive, deleted, or for other records."
        )


async def enter(work: Work, change: Change, stage: Row) -> None:
    """Complete a deal that comes into a stage, and check that it may."""
    if change.kind == "update" and not change.context.get("rebuilding"):
        await _check_allowed(work, change, stage)
    if not change.context.get("rebuilding"):
        check_required(work, change, stage)
    if "stage_note" not in change.given:
        change.values["stage_note"] = None
    _date(work, change)
    _close(change, _status(stage))


async def _check_allowed(work: Work, change: Change, stage: Row) -> None:
    (left,) = await store.select(work.database, work.entities["stage"], "t.id = $1", change.was("stage_id"))
    allowed = left["allowed_next"]
    if allowed is not None and left["pipeline_id"] == stage["pipeline_id"] and stage["key"] not in allowed:
        ways = ", ".join(allowed) or "no other stage"
        change.refuse(
            "stage_id", "NOT_ALLOWED_NEXT", f"From {left['name']} a deal goes to {ways}, not to {stage['key']}."
        )


def _date(work: Work, change: Change) -> None:
    if change.kind == "create" and "created_at" in change.values and "stage_entered_at" not in change.values:
        change.values["stage_entered_at"] = change.values["created_at"]
    else:
        change.values["stage_entered_at"] = moment(work, change, "stage_entered_at", change.was("stage_entered_at"))


def _status(stage: Row) -> str:
    kind: str = stage["kind"]
    return "ON_HOLD" if kind == "OPEN" and stage["is_on_hold"] else kind


def _close(change: Change, status: str) -> None:
    was, change.values["status"] = change.was("status"), status
    if status in _CLOSED:
        told = change.values.get("closed_at") if "closed_at" in change.given else None
        if status != was or told is not None:
            change.values["closed_at"] = told or change.values["stage_entered_at"]
        else:
            change.values.pop("closed_at", None)
    else:
        change.values["closed_at"] = None
        if was in _CLOSED and "fx_rate" not in change.given:
            change.values["fx_rate"] = None
    if status != "LOST":
        for column in ("lost_reason_id", "lost_note"):
            if column not in change.given:
                change.values[column] = None


async def check_closing(work: Work, change: Change) -> None:
    """Check what a won and a lost deal must have, on every write and not only on the move."""
    status: Any = change.get("status")
    if status == "WON" and change.get("customer_id") is None:
        change.refuse("customer_id", "REQUIRED", "A deal is won with somebody; say which customer.")
    if status == "LOST" and change.get("lost_reason_id") is None:
        change.refuse("lost_reason_id", "REQUIRED", "A deal is lost for a reason; choose a lost reason.")
    if status is not None and status != "LOST" and (change.get("lost_reason_id") or change.get("lost_note")):
        change.refuse("lost_reason_id", "NOT_LOST", "Only a lost deal has a lost reason; leave reason and note out.")
    if (
        change.changed("lost_reason_id")
        and change.get("lost_reason_id")
        and not await work.find("lost_reason", id=change.get("lost_reason_id"), is_active=True)
    ):
        change.refuse("lost_reason_id", "NOT_ACTIVE", "This lost reason is no longer in use; choose another one.")
