"""What clients can do with rewards."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Annotated
from uuid import UUID

from crmcore import RecordRef, Ref, Row, Work, action
from crmcore_loyalty.ledger.permissions import REDEEM
from crmcore_loyalty.rewards import purchasing, taking_back
from crmcore_loyalty.rewards.declined import declined
from crmcore_loyalty.rewards.handing_out import fulfilled
from crmcore_loyalty.rewards.permissions import REWARDS
from crmcore_loyalty.rewards.written import locked
from crmcore_loyalty.tables.rewards import LoyaltyPurchaseStatus

__all__ = ["ACTIONS", "LoyaltyRewardTaken"]


@dataclass(frozen=True)
class LoyaltyRewardTaken:
    """A reward that a member has, or has set aside."""

    order: Annotated[RecordRef, Ref("loyalty_reward_purchase"), "The order."]
    codes: Annotated[list[str] | None, "The codes of its vouchers; shown this once."] = field(metadata={"secret": True})


@action(returns=LoyaltyRewardTaken, permission=REDEEM, since="0.1.0", isolation="read committed")
async def loyalty_purchase_reward(
    work: Work,
    reward_id: Annotated[UUID, Ref("loyalty_reward"), "Which reward."],
    member_id: Annotated[UUID, Ref("loyalty_member"), "Who wants it."],
    quantity: Annotated[int, "How many."] = 1,
    id: Annotated[
        UUID | None,
        Ref("loyalty_reward_purchase"),
        "An id of your own for the order: the same one again has no more effect.",
    ] = None,
) -> LoyaltyRewardTaken:
    """Let a member have a reward for points; where it costs money too, it is set aside until loyaltyPayReward."""
    await work.get("loyalty_member", member_id)
    return _taken(*await purchasing.purchase(work, reward_id, member_id, quantity, id=id))


@action(returns=LoyaltyRewardTaken, permission=REDEEM, since="0.1.0", isolation="read committed")
async def loyalty_pay_reward(
    work: Work,
    id: Annotated[UUID, Ref("loyalty_reward_purchase"), "Which order."],
    reference: Annotated[str | None, "What the payment is known by elsewhere."] = None,
) -> LoyaltyRewardTaken:
    """Say that the money for a reward has come; the points that were set aside for it are spent."""
    await work.get("loyalty_reward_purchase", id)
    return _taken(*await purchasing.pay(work, id, reference))


@action(returns="loyalty_reward_purchase", permission=REWARDS, since="0.1.0", isolation="read committed")
async def loyalty_fulfil_reward(
    work: Work,
    id: Annotated[UUID, Ref("loyalty_reward_purchase"), "Which order."],
    reference: Annotated[str | None, "What the parcel, or a partner's order, is known by."] = None,
) -> Row:
    """Say that a member has got a reward."""
    await work.get("loyalty_reward_purchase", id)
    order = await locked(work, "loyalty_reward_purchase", id)
    assert order is not None
    if order["status"] == LoyaltyPurchaseStatus.FULFILLED.name:
        return order
    if order["status"] != LoyaltyPurchaseStatus.PLACED.name:
        raise declined("id", "NOT_PAID", "This order is not paid for, or not any more.")
    return await fulfilled(work, order, reference)


@action(returns="loyalty_reward_purchase", permission=REWARDS, since="0.1.0", isolation="read committed")
async def loyalty_refund_reward(
    work: Work,
    id: Annotated[UUID, Ref("loyalty_reward_purchase"), "Which order."],
    reason: Annotated[str, "Why."],
) -> Row:
    """Undo an order: its points and its piece are free again, its vouchers void; money is given back elsewhere."""
    await work.get("loyalty_reward_purchase", id)
    return await taking_back.take_back(work, id, reason)


def _taken(order: Row, codes: list[str]) -> LoyaltyRewardTaken:
    return LoyaltyRewardTaken(RecordRef("loyalty_reward_purchase", order["id"]), codes or None)


ACTIONS = (loyalty_purchase_reward, loyalty_pay_reward, loyalty_fulfil_reward, loyalty_refund_reward)
