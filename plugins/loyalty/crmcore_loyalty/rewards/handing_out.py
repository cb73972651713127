"""What follows once a reward is paid for: codes and tickets are had at once, things and what partners give are sent."""

from __future__ import annotations

from datetime import timedelta

from crmcore import Row, Work
from crmcore_loyalty.rewards import occasions, vouchers
from crmcore_loyalty.rewards.written import changed
from crmcore_loyalty.tables.rewards import LoyaltyPurchaseStatus, LoyaltyRewardKind
from crmcore_loyalty.tables.vouchers import LoyaltyVoucherKind

__all__ = ["fulfilled", "hand_out"]


async def hand_out(work: Work, order: Row, reward: Row) -> tuple[Row, list[str]]:
    """Give what needs nobody's hands; return the order and the codes."""
    if reward["kind"] in LoyaltyVoucherKind.__members__:
        codes = [await _voucher(work, order, reward) for _ in range(order["quantity"])]
        return await fulfilled(work, order, None), codes
    if reward["kind"] == LoyaltyRewardKind.TICKET.name:
        (member,) = await work.find("loyalty_member", id=order["member_id"])
        await occasions.register(work, reward["event_id"], member, waiting=False)
        return await fulfilled(work, order, None), []
    return order, []


async def fulfilled(work: Work, order: Row, reference: str | None) -> Row:
    """Say that the member has it."""
    values = {"status": LoyaltyPurchaseStatus.FULFILLED.name, "fulfilled_at": work.now}
    return await changed(
        work, "loyalty_reward_purchase", order, values | ({"reference": reference} if reference else {})
    )


async def _voucher(work: Work, order: Row, reward: Row) -> str:
    days = reward["code_days"]
    discount = reward["kind"] == LoyaltyVoucherKind.DISCOUNT.name
    worth = vouchers.Worth(
        kind=LoyaltyVoucherKind[reward["kind"]],
        value=None if discount else reward["value"],
        currency=None if discount else reward["value_currency"],
        percent=reward["percent"] if discount else None,
        expires_at=None if days is None else work.now + timedelta(days=days),
    )
    member, program = order["member_id"], reward["program_id"]
    _, code = await vouchers.issue(work, program, worth, member_id=member, purchase_id=order["id"])
    return code
