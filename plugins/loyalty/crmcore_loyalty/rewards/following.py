"""What a member has goes along when they go on as another one; who leaves frees their places."""

from __future__ import annotations

from uuid import UUID

from crmcore import Row, Work
from crmcore_loyalty.events import LoyaltyPointsChanged
from crmcore_loyalty.program.events import LoyaltyMemberClosed
from crmcore_loyalty.rewards import occasions
from crmcore_loyalty.rewards.written import changed, locked
from crmcore_loyalty.tables.ledger import LoyaltyTransactionKind
from crmcore_loyalty.tables.occasions import LoyaltyTicketStatus

__all__ = ["free_places", "go_along"]

_CANCELLED = LoyaltyTicketStatus.CANCELLED.name
_COMING = """
    select t.id from loyalty_ticket t join loyalty_event e on e.id = t.event_id
    where t.member_id = $1 and t.status in ('REGISTERED', 'WAITING') and e.starts_at > $2 order by t.event_id
"""


async def go_along(work: Work, event: LoyaltyPointsChanged) -> None:
    """Give what one member has to the one it goes on as; told once for each of their currencies, done with the first."""
    if event.kind != LoyaltyTransactionKind.MERGE.name:
        return
    (merge,) = await work.find("loyalty_transaction", id=event.transaction_id)
    if event.record_id != merge["member_id"]:
        return
    gone, stays = merge["member_id"], merge["other_member_id"]
    for entity in ("loyalty_voucher", "loyalty_reward_purchase"):
        for row in await work.find(entity, member_id=gone):
            await changed(work, entity, row, {"member_id": stays})
    for ticket in await work.find("loyalty_ticket", member_id=gone):
        if ticket["status"] != _CANCELLED:
            await _go_along(work, ticket, stays)


async def free_places(work: Work, event: LoyaltyMemberClosed) -> None:
    """Cancel the tickets of a member who has left, for what is to come."""
    for row in await work.rows(_COMING, event.record_id, work.now):
        await occasions.cancel(work, row["id"])


async def _go_along(work: Work, ticket: Row, stays: UUID) -> None:
    # Places are counted by events, not by members: one that changes hands stays taken.
    await locked(work, "loyalty_event", ticket["event_id"])
    there = await work.find("loyalty_ticket", event_id=ticket["event_id"], member_id=stays)
    if not there:
        await changed(work, "loyalty_ticket", ticket, {"member_id": stays})
    elif there[0]["status"] == _CANCELLED:
        same = ("status", "registered_at", "checked_in_at", "cancelled_at")
        await changed(work, "loyalty_ticket", there[0], {column: ticket[column] for column in same})
        await changed(work, "loyalty_ticket", ticket, {"status": _CANCELLED, "cancelled_at": work.now})
    elif ticket["status"] != LoyaltyTicketStatus.CHECKED_IN.name:
        await occasions.cancel(work, ticket["id"])
