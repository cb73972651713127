"""A reward is given back, or what was set aside for it is free again: points and pieces return together."""

from __future__ import annotations

from uuid import UUID, uuid5

from crmcore import Row, Work
from crmcore_loyalty import ledger
from crmcore_loyalty.rewards import occasions, stock, vouchers
from crmcore_loyalty.rewards.purchasing import PURCHASE
from crmcore_loyalty.rewards.written import changed, locked
from crmcore_loyalty.tables.ledger import LoyaltyHoldState
from crmcore_loyalty.tables.rewards import LoyaltyPurchaseStatus, LoyaltyRewardKind

__all__ = ["lapse", "take_back"]

_RESERVED = LoyaltyPurchaseStatus.RESERVED.name
_REFUNDED, _LAPSED = LoyaltyPurchaseStatus.REFUNDED.name, LoyaltyPurchaseStatus.LAPSED.name


async def take_back(work: Work, id: UUID, reason: str) -> Row:
    """Undo an order: what was paid for is refunded, what was only set aside is given up. Once; then it stays so.

    Raises:

        Declined: something was paid with its voucher already, or the member came to its event.
    """
    order = await locked(work, PURCHASE, id)
    assert order is not None
    if order["status"] in (_REFUNDED, _LAPSED):
        return order
    if order["status"] == _RESERVED:
        if order["hold_id"] is not None:
            await ledger.void(work, order["hold_id"], id=uuid5(id, "void"), reason=reason)
        return await _ended(work, order, _LAPSED, reason)
    if order["transaction_id"] is not None:
        await ledger.reverse(work, order["transaction_id"], id=uuid5(id, "reverse"), reason=reason)
    after = await _ended(work, order, _REFUNDED, reason)
    await _withdraw(work, order)
    return after


async def lapse(work: Work, id: UUID) -> None:
    """Give up an order whose points are not set aside any more; any other stays as it is."""
    order = await locked(work, PURCHASE, id)
    if order is None or order["status"] != _RESERVED or order["hold_id"] is None:
        return
    (hold,) = await work.find("loyalty_hold", id=order["hold_id"])
    if hold["state"] in (LoyaltyHoldState.EXPIRED.name, LoyaltyHoldState.VOIDED.name):
        await _ended(work, order, _LAPSED, None)


async def _withdraw(work: Work, order: Row) -> None:
    (reward,) = await work.rows("select kind, event_id from loyalty_reward where id = $1", order["reward_id"])
    for voucher in await work.find("loyalty_voucher", purchase_id=order["id"]):
        await vouchers.void(work, voucher["id"], unused=True)
    if reward["kind"] == LoyaltyRewardKind.TICKET.name:
        sql = "select id from loyalty_ticket where event_id = $1 and member_id = $2"
        for ticket in await work.rows(sql, reward["event_id"], order["member_id"]):
            await occasions.cancel(work, UUID(str(ticket["id"])))


async def _ended(work: Work, order: Row, status: str, reason: str | None) -> Row:
    await stock.give_back(work, order["reward_id"], order["quantity"])
    return await changed(work, PURCHASE, order, {"status": status, "ended_at": work.now, "reason": reason})
