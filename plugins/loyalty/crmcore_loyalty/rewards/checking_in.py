"""A member comes to an event: once, and what coming earns is recorded with it."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from crmcore import Row, Work
from crmcore_loyalty.earning import activities
from crmcore_loyalty.rewards.declined import declined
from crmcore_loyalty.rewards.written import changed, locked
from crmcore_loyalty.tables.occasions import LoyaltyTicketStatus

__all__ = ["check_in"]

#: So long before it begins people may come.
_EARLY = timedelta(hours=12)


async def check_in(work: Work, id: UUID) -> Row:
    """Say that the member of a ticket came.

    Raises:

        Declined: they came before, have no place, or it is another day.
    """
    ticket = await locked(work, "loyalty_ticket", id)
    assert ticket is not None
    if ticket["status"] == LoyaltyTicketStatus.CHECKED_IN.name:
        raise declined("id", "ALREADY_CHECKED_IN", f"This ticket was used at {ticket['checked_in_at']:%H:%M} UTC.")
    if ticket["status"] != LoyaltyTicketStatus.REGISTERED.name:
        raise declined("id", "NO_PLACE", "This member has no place: the ticket waits or was cancelled.")
    (event,) = await work.find("loyalty_event", id=ticket["event_id"])
    end = event["ends_at"] or event["starts_at"] + _EARLY
    if not event["starts_at"] - _EARLY <= work.now <= end:
        raise declined("id", "WRONG_TIME", "The event is not today.")
    came = {"status": LoyaltyTicketStatus.CHECKED_IN.name, "checked_in_at": work.now}
    after = await changed(work, "loyalty_ticket", ticket, came)
    if event["activity"] is not None:
        await _record(work, ticket, event)
    return after


async def _record(work: Work, ticket: Row, event: Row) -> None:
    # The ticket's id is the activity's: whatever is done twice, coming is recorded once.
    payload = {"event_id": str(event["id"])}
    name, id = event["activity"], ticket["id"]
    await activities.record(work, ticket["member_id"], name, occurred_at=work.now, payload=payload, id=id)
