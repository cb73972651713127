"""Marking as done what was planned or under way."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated
from uuid import UUID

from crmcore.entities import actions
from crmcore.entities.action import Ref, action
from crmcore.entities.store import Row
from crmcore.entities.work import Work
from crmcore.interactions.events import InteractionCompleted, InteractionUpdated

__all__ = ["complete_interaction", "tell_completed"]


@action(returns="interaction")
async def complete_interaction(
    work: Work,
    id: Annotated[UUID, Ref("interaction"), "Which interaction."],
    outcome: Annotated[str | None, "What came of it: a short code of your own."] = None,
    next_step: Annotated[str | None, "What is to be done next."] = None,
    body: Annotated[str | None, "What was said or written; replaces what stands there."] = None,
    occurred_at: Annotated[datetime | None, "When it happened or began; left out, what stands there, else now."] = None,
    ended_at: Annotated[datetime | None, "When it ended."] = None,
    expected_version: Annotated[int | None, "Refuse if somebody has written since this version."] = None,
) -> Row:
    """Mark an interaction as done. One that is done already stays so.

    Raises:

        Invalid: it would end before it began.
    """
    before = await work.get("interaction", id)
    said = {
        "outcome": outcome,
        "next_step": next_step,
        "body": body,
        "occurred_at": occurred_at or before["occurred_at"] or work.now,
        "ended_at": ended_at,
    }
    values = {column: value for column, value in said.items() if value is not None}
    return await actions.update(
        work, "interaction", id, {**values, "status": "COMPLETED"}, expected_version=expected_version
    )


async def tell_completed(work: Work, event: InteractionUpdated) -> None:
    """Tell that an interaction is done, whatever the door it came through."""
    after = event.after
    if "status" in event.changed and after["status"] == "COMPLETED":
        told = work.event(
            InteractionCompleted,
            work.entities["interaction"],
            event.record_id,
            interaction_kind=after["kind"],
            customer_id=after["customer_id"],
            deal_id=after["deal_id"],
            outcome=after["outcome"],
        )
        await work.emit(told)
