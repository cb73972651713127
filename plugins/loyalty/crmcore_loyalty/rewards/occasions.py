"""Members' events: who has a place, who waits for one, and who came."""

from __future__ import annotations

from uuid import UUID

from crmcore import Change, Row, Work, errors, ids
from crmcore_loyalty.rewards import stock
from crmcore_loyalty.rewards.declined import declined
from crmcore_loyalty.rewards.eligibility import check_member
from crmcore_loyalty.rewards.written import added, changed, locked
from crmcore_loyalty.tables.occasions import LoyaltyTicketStatus

__all__ = ["call_up", "cancel", "prepare_event", "register"]

_REGISTERED, _WAITING = LoyaltyTicketStatus.REGISTERED.name, LoyaltyTicketStatus.WAITING.name
_CANCELLED, _CAME = LoyaltyTicketStatus.CANCELLED.name, LoyaltyTicketStatus.CHECKED_IN.name
_NEXT = "select id from loyalty_ticket where event_id = $1 and status = $2 order by registered_at, id limit 1"


async def prepare_event(work: Work, change: Change) -> None:
    """An event ends after it begins, and one that somebody comes to is cancelled, not deleted."""
    if change.kind in ("delete", "destroy"):
        if await work.rows("select 1 from loyalty_ticket where event_id = $1 limit 1", change.id):
            change.refuse("id", "IN_USE", "Members have registered for this event; set cancelled instead.")
        return
    if change.get("ends_at") is not None and change.get("ends_at") < change.get("starts_at"):
        change.refuse("ends_at", "TOO_EARLY", "An event ends after it begins.")


async def register(work: Work, event_id: UUID, member: Row, *, waiting: bool = True) -> Row:
    """Give a member a place, or have them wait for one; who has either keeps it.

    Args:

        work: the unit of work.
        event_id: for which event.
        member: whose it is.
        waiting: whether a member for whom there is no place waits; if not, they are declined.

    Raises:

        NotFound: there is no such event.
        Declined: the event is over, cancelled, not open yet, full, or for others.
    """
    event = await _event(work, event_id)
    ticket = next(iter(await work.find("loyalty_ticket", event_id=event_id, member_id=member["id"])), None)
    if ticket is not None and ticket["status"] != _CANCELLED:
        return ticket
    await check_member(work, member, event["program_id"], event["tier_id"])
    _check_open(work, event)
    # Nobody passes those who wait.
    queue = await work.rows(_NEXT, event_id, _WAITING)
    placed = not queue and await stock.take(work, event_id, 1, event["capacity"])
    if not placed and not waiting:
        raise declined("eventId", "FULL", "All places at this event are taken.")
    values = {"status": _REGISTERED if placed else _WAITING, "registered_at": work.now, "cancelled_at": None}
    if ticket is not None:
        return await changed(work, "loyalty_ticket", ticket, values)
    return await added(work, "loyalty_ticket", values | {"event_id": event_id, "member_id": member["id"]})


async def cancel(work: Work, id: UUID) -> Row:
    """Cancel a ticket; who waits longest gets its place. One that is cancelled stays so.

    Raises:

        Declined: the member came.
    """
    ticket = await _ticket(work, id)
    if ticket["status"] == _CANCELLED:
        return ticket
    if ticket["status"] == _CAME:
        raise declined("id", "ALREADY_CHECKED_IN", "This member came; what was cannot be cancelled.")
    after = await changed(work, "loyalty_ticket", ticket, {"status": _CANCELLED, "cancelled_at": work.now})
    if ticket["status"] == _REGISTERED:
        await stock.give_back(work, ticket["event_id"], 1)
        await call_up(work, await _event(work, ticket["event_id"]))
    return after


async def call_up(work: Work, event: Row) -> None:
    """Give free places to those who wait for them, in the order in which they registered."""
    if event["cancelled"] or event["starts_at"] <= work.now:
        return
    while (queue := await work.rows(_NEXT, event["id"], _WAITING)) and await stock.take(
        work, event["id"], 1, event["capacity"]
    ):
        (ticket,) = await work.find("loyalty_ticket", id=queue[0]["id"])
        await changed(work, "loyalty_ticket", ticket, {"status": _REGISTERED})


async def _event(work: Work, id: UUID) -> Row:
    # All that moves places queues at the event.
    event = await locked(work, "loyalty_event", id)
    if event is None:
        msg = f"There is no event {ids.encode('loyalty_event', id)}."
        raise errors.NotFound(msg)
    return event


async def _ticket(work: Work, id: UUID) -> Row:
    (ticket,) = await work.find("loyalty_ticket", id=id)
    await _event(work, ticket["event_id"])
    # Read again: whoever had the event before may have changed it.
    (ticket,) = await work.find("loyalty_ticket", id=id)
    return ticket


def _check_open(work: Work, event: Row) -> None:
    if event["cancelled"]:
        raise declined("eventId", "EVENT_CANCELLED", "This event will not be.")
    if (event["ends_at"] or event["starts_at"]) <= work.now:
        raise declined("eventId", "EVENT_OVER", "This event is over.")
    if event["opens_at"] is not None and event["opens_at"] > work.now:
        raise declined("eventId", "NOT_OPEN_YET", f"One can register from {event['opens_at']:%Y-%m-%d %H:%M} UTC on.")
