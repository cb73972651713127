"""What is given for points, as records: who may reach them, and where they show."""

from __future__ import annotations

from crmcore import Added, Entity, Key, Timeline, fields, kinds
from crmcore_loyalty.rewards.catalogue import prepare_reward
from crmcore_loyalty.rewards.occasions import prepare_event
from crmcore_loyalty.tables.occasions import LoyaltyEvent, LoyaltyTicket
from crmcore_loyalty.tables.rewards import LoyaltyReward, LoyaltyRewardPurchase
from crmcore_loyalty.tables.vouchers import LoyaltyVoucher, LoyaltyVoucherUse

__all__ = ["ENTITIES", "FIELDS"]

_SINCE = "0.1.0"
_SERVER_ONLY: frozenset[str] = frozenset()
_CUSTOMER = (("member_id", "loyalty_member"), ("customer_id", "customer"))

ENTITIES = (
    Entity(
        LoyaltyReward,
        plural="loyaltyRewards",
        prepare=prepare_reward,
        keys=(Key("PROGRAM_CODE", ("program_id", "code")),),
        label="title",
        since=_SINCE,
    ),
    Entity(
        LoyaltyRewardPurchase,
        plural="loyaltyRewardPurchases",
        guarded_by="member_id",
        actions=_SERVER_ONLY,
        order=("-placed_at",),
        timeline=(Timeline("LOYALTY_REWARD", "They had a reward for points.", at="placed_at", path=_CUSTOMER),),
        since=_SINCE,
    ),
    Entity(
        LoyaltyEvent, plural="loyaltyEvents", prepare=prepare_event, label="title", order=("-starts_at",), since=_SINCE
    ),
    Entity(
        LoyaltyTicket,
        plural="loyaltyTickets",
        guarded_by="member_id",
        actions=_SERVER_ONLY,
        order=("-registered_at",),
        timeline=(
            Timeline("LOYALTY_TICKET", "They registered for a members' event.", at="registered_at", path=_CUSTOMER),
        ),
        since=_SINCE,
    ),
    Entity(
        LoyaltyVoucher,
        plural="loyaltyVouchers",
        guarded_by="member_id",
        actions=_SERVER_ONLY,
        order=("-issued_at",),
        timeline=(Timeline("LOYALTY_VOUCHER", "They were given a voucher.", at="issued_at", path=_CUSTOMER),),
        since=_SINCE,
    ),
    Entity(
        LoyaltyVoucherUse,
        plural="loyaltyVoucherUses",
        guarded_by="voucher_id",
        actions=_SERVER_ONLY,
        order=("-at",),
        timeline=(
            Timeline(
                "LOYALTY_VOUCHER_USE",
                "They paid with a voucher.",
                at="at",
                path=(("voucher_id", "loyalty_voucher"), *_CUSTOMER),
            ),
        ),
        since=_SINCE,
    ),
)


def _taken(row: str, _dialect: str) -> str:
    return f"coalesce((select s.taken from loyalty_stock s where s.id = {row}.id), 0)"


FIELDS = (
    Added(
        "loyalty_reward",
        fields.Expression("loyaltyTaken", "How many are given away or set aside.", kinds.INT, _taken, null=False),
        since=_SINCE,
    ),
    Added(
        "loyalty_event",
        fields.Expression("loyaltyTaken", "How many places are taken.", kinds.INT, _taken, null=False),
        since=_SINCE,
    ),
)
