"""The way every deal goes, kept from its first day: each stay in a stage, how long it was and what the deal was worth."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from crmcore.entities.work import Work
from crmcore.pipelines.events import DealCreated, DealMoved, DealRestored, DealUpdated

__all__ = ["record_arrival", "record_move", "record_return", "seconds"]

#: What a 32-bit column holds: 68 years.
_LONGEST = 2**31 - 1


async def record_arrival(work: Work, event: DealCreated) -> None:
    """Remember the stage a deal begins in."""
    await _arrive(work, event.after, None)


async def record_move(work: Work, event: DealUpdated) -> None:
    """Remember a move, whatever the door it came through, and tell of it."""
    if "stage_id" in event.changed:
        await _move(work, event.before, event.after)


async def record_return(work: Work, event: DealRestored) -> None:
    """Remember a move that restoring made because the deal's stage was gone."""
    present = await work.find("deal_stage_change", deal_id=event.record_id, left_at=None)
    if present and present[0]["to_stage_id"] != event.after["stage_id"]:
        await _move(work, {**event.after, "stage_id": present[0]["to_stage_id"]}, event.after)


async def _move(work: Work, before: Mapping[str, Any], after: Mapping[str, Any]) -> None:
    stayed = 0
    for stay in await work.find("deal_stage_change", deal_id=after["id"], left_at=None):
        stayed = seconds(stay["entered_at"], after["stage_entered_at"])
        closed = {"left_at": after["stage_entered_at"], "duration_seconds": stayed, "version": stay["version"] + 1}
        await work.change("deal_stage_change", stay["id"], closed)
    await _arrive(work, after, before["stage_id"])
    told = work.event(
        DealMoved,
        work.entities["deal"],
        after["id"],
        from_stage_id=before["stage_id"],
        to_stage_id=after["stage_id"],
        from_pipeline_id=before["pipeline_id"],
        to_pipeline_id=after["pipeline_id"],
        from_status=before["status"],
        to_status=after["status"],
        seconds=stayed,
        note=after["stage_note"],
    )
    await work.emit(told)


async def _arrive(work: Work, deal: Mapping[str, Any], left: UUID | None) -> None:
    values = {
        "deal_id": deal["id"],
        "from_stage_id": left,
        "to_stage_id": deal["stage_id"],
        "entered_at": deal["stage_entered_at"],
        "probability_at": deal["probability"],
        "amount_at": deal["amount"],
        "amount_at_currency": deal["amount_currency"],
        "note": deal["stage_note"],
    }
    await work.insert("deal_stage_change", values)


def seconds(start: datetime, end: datetime) -> int:
    """Return the whole seconds of a stay."""
    return min(max(0, int((end - start).total_seconds())), _LONGEST)
