"""When a customer was last, and is next, had to do with: kept with the customer from the interactions."""

from __future__ import annotations

from datetime import datetime
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
# A new one can only move the dates towards itself, so nobody need look through all the others of a busy customer.
_MOVE = """
update customer set
    last_interaction_at = greatest(last_interaction_at, $2::timestamptz),
    next_interaction_at = least(next_interaction_at, $3::timestamptz)
where id = $1
"""
# SQLite writes one after the other, so what does not move stays as it is, and its index likewise.
_LATER = """
update customer set last_interaction_at = $2 where id = $1 and (last_interaction_at is null or last_interaction_at < $2)
"""
_SOONER = """
update customer set next_interaction_at = $2 where id = $1 and (next_interaction_at is null or next_interaction_at > $2)
"""
# The same for several at once. Two such, of two processes, must not each have a row that the other one waits for.
_MOVE_MANY = """with moved as (
    select c.id, m.happened, m.due
    from (select $1 as id, max($2) as happened, min($3) as due from crm_given group by 1) m join customer c on c.id = m.id
    order by c.id for no key update of c
)
update customer set
    last_interaction_at = greatest(customer.last_interaction_at, moved.happened),
    next_interaction_at = least(customer.next_interaction_at, moved.due)
from moved where customer.id = moved.id
"""
_LAST, _NEXT = "last_interaction_at", "next_interaction_at"
_MATTER = frozenset({"customer_id", "occurred_at", "due_at", "status"})


async def keep_dates(work: Work, event: Event) -> None:
    """Bring lastInteractionAt and nextInteractionAt of those concerned up to date."""
    concerned: set[UUID | None] = set()
    match event:
        case InteractionCreated() if event.after["customer_id"]:
            row = event.after
            happened = row["occurred_at"] if row["status"] in ("COMPLETED", "IN_PROGRESS") else None
            due = row["due_at"] if row["status"] == "PLANNED" else None
            await _move(work, row["customer_id"], happened, due)
        case InteractionUpdated() if event.changed & _MATTER:
            concerned = {event.before["customer_id"], event.after["customer_id"]}
        case InteractionRestored():
            concerned = {event.after["customer_id"]}
        case InteractionDeleted() | InteractionDestroyed():
            concerned = {event.before["customer_id"]}
    for customer in sorted(concerned - {None}, key=str):
        await work.database.execute(_KEEP, customer)


async def _move(work: Work, customer: UUID, happened: datetime | None, due: datetime | None) -> None:
    if work.lot is None and work.database.dialect == "sqlite":
        for sql, at in ((_LATER, happened), (_SOONER, due)):
            if at is not None:
                await work.database.later(sql, customer, at)
        return
    if work.lot is None:
        await work.database.later(_MOVE, customer, happened, due, many=_MOVE_MANY)
        return
    # The row is at hand, and one statement writes those of all customers.
    for row in await work.find("customer", id=customer):
        last = max((at for at in (row[_LAST], happened) if at is not None), default=None)
        soonest = min((at for at in (row[_NEXT], due) if at is not None), default=None)
        await work.change("customer", customer, {_LAST: last, _NEXT: soonest})
