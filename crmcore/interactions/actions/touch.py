"""When a customer was last, and is next, had to do with: kept with the customer from the interactions."""

from __future__ import annotations

from uuid import UUID

from crmcore.entities.work import Work
from crmcore.events import Event
from crmcore.interactions.events import (
    InteractionCreated,
    InteractionDeleted,
    InteractionDestroyed,
    InteractionRestored,
    InteractionUpdated,
)

__all__ = ["keep_dates"]

# Written even where nothing differs: so of two units of work on one customer the later is run again and sees the earlier.
_KEEP = """
update customer set
    last_interaction_at = (
        select max(i.occurred_at) from interaction i
        where i.customer_id = $1 and i.deleted_at is null and i.status in ('COMPLETED', 'IN_PROGRESS')
    ),
    next_interaction_at = (
        select min(i.due_at) from interaction i
        where i.customer_id = $1 and i.deleted_at is null and i.status = 'PLANNED'
    )
where id = $1
"""
_MATTER = frozenset({"customer_id", "occurred_at", "due_at", "status"})


async def keep_dates(work: Work, event: Event) -> None:
    """Bring lastInteractionAt and nextInteractionAt of those concerned up to date."""
    concerned: set[UUID | None] = set()
    match event:
        case InteractionUpdated() if event.changed & _MATTER:
            concerned = {event.before["customer_id"], event.after["customer_id"]}
        case InteractionCreated() | InteractionRestored():
            concerned = {event.after["customer_id"]}
        case InteractionDeleted() | InteractionDestroyed():
            concerned = {event.before["customer_id"]}
    for customer in sorted(concerned - {None}, key=str):
        await work.database.execute(_KEEP, customer)
