"""What points are given for, and what members have had for theirs."""

from __future__ import annotations

from enum import Enum
from typing import ClassVar

from piccolo.table import Table

from crmcore import Index, Record, Write
from crmcore import columns as c
from crmcore_loyalty.tables.ledger import LoyaltyHold, LoyaltyTransaction
from crmcore_loyalty.tables.occasions import LoyaltyEvent
from crmcore_loyalty.tables.program import LoyaltyCurrency, LoyaltyMember, LoyaltyProgram

__all__ = ["LoyaltyPurchaseStatus", "LoyaltyReward", "LoyaltyRewardKind", "LoyaltyRewardPurchase"]

_TIER = "crmcore_loyalty.tables.tiers:LoyaltyTier"
_PRODUCT = "crmcore_orders.tables:OrderProduct"


class LoyaltyRewardKind(Enum):
    """What a member gets."""

    PRODUCT = "A thing."
    DISCOUNT = "A code that takes some per cent off an order."
    VOUCHER = "A code that is worth an amount, once."
    GIFT_CARD = "A code with an amount that can be used up in parts."
    TICKET = "A ticket for a members' event."
    PARTNER = "Something a partner gives."


class LoyaltyPurchaseStatus(Enum):
    """Where an order of a reward stands."""

    RESERVED = "Points and piece are set aside until the rest is paid in money."
    PLACED = "It is paid for, and still to be handed over."
    FULFILLED = "The member has it."
    REFUNDED = "It was given back: points and piece are free again."
    LAPSED = "It was not paid for in time, or cancelled before."


class LoyaltyReward(Record, Table, tablename="loyalty_reward"):
    """Something that members can have for points, or for points and money."""

    program_id = c.link(
        "loyalty_program", "In which program.", references=LoyaltyProgram, write=Write.CREATE,
        inverse="rewards", inverse_description="What this program gives for points.",
    )  # fmt: skip
    code = c.text("Short name, unique in the program, as in MUG.", max_length=40, personal=False)
    title = c.text("What members call it.", max_length=200, personal=False)
    titles = c.json(
        'What it is called in other languages: texts by BCP 47 tag, as `{"de-AT": "Häferl"}`.', personal=False
    )
    description = c.text("What there is to say about it.", null=True, max_length=4000, form="text", personal=False)
    kind = c.choice(LoyaltyRewardKind, "What a member gets.", write=Write.CREATE)
    active = c.flag("Whether it is offered.", default=True)
    currency_id = c.link("loyalty_currency", "For which points.", references=LoyaltyCurrency)
    points = c.big_integer("How many points one costs.", minimum=0, maximum=10**9)
    cash = c.minor_units("What one costs in money besides.", currency="cash_currency", minimum=0)
    cash_currency = c.currency("Currency of that.")
    stock = c.integer("How many there are in all, those given away included; empty if there is no end.", null=True, minimum=0)  # fmt: skip
    per_member = c.integer("How many a member may have in all; empty if there is no limit.", null=True, minimum=1)
    tier_id = c.link("loyalty_tier", "From which tier on.", references=_TIER, null=True)
    valid_from = c.instant("From when on it is offered.", null=True)
    valid_until = c.instant("Until when it is offered.", null=True)
    value = c.minor_units("What its voucher or gift card is worth.", currency="value_currency", minimum=1)
    value_currency = c.currency("Currency of that.")
    percent = c.integer("How many per cent its code takes off.", null=True, minimum=1, maximum=100)
    code_days = c.integer(
        "For how many days its code can be used; empty if for ever.", null=True, minimum=1, maximum=36_500
    )
    product_id = c.link("order_product", "Which product it is.", references=_PRODUCT, null=True)
    event_id = c.link("loyalty_event", "For which event its ticket is.", references=LoyaltyEvent, null=True)

    __indexes__: ClassVar[tuple[Index, ...]] = (
        Index(("program_id", "code"), unique=True, live=True),
        Index(("currency_id",)),
        Index(("tier_id",)),
        Index(("product_id",)),
        Index(("event_id",)),
    )


class LoyaltyRewardPurchase(Record, Table, tablename="loyalty_reward_purchase"):
    """That a member has a reward, or wants it."""

    reward_id = c.link(
        "loyalty_reward", "Which reward.", references=LoyaltyReward,
        inverse="orders", inverse_description="Who has had it.",
    )  # fmt: skip
    member_id = c.link(
        "loyalty_member", "Whose it is.", references=LoyaltyMember,
        inverse="rewardPurchases", inverse_description="The rewards this member has had, or wants.",
    )  # fmt: skip
    quantity = c.integer("How many.", minimum=1)
    status = c.choice(LoyaltyPurchaseStatus, "Where it stands.")
    currency_id = c.link("loyalty_currency", "For which points.", references=LoyaltyCurrency)
    points = c.big_integer("For how many points in all.")
    cash = c.minor_units("For how much money besides.", currency="cash_currency")
    cash_currency = c.currency("Currency of that.")
    placed_at = c.instant("When it was ordered.")
    paid_at = c.instant("When its points were spent.", null=True)
    fulfilled_at = c.instant("When the member got it.", null=True)
    ended_at = c.instant("When it was given back, cancelled or ran out.", null=True)
    hold_id = c.link("loyalty_hold", "The points set aside for it.", references=LoyaltyHold, null=True)
    transaction_id = c.link(
        "loyalty_transaction", "What took the points.", references=LoyaltyTransaction, null=True,
        inverse="rewardPurchases", inverse_description="What was had for the points.",
    )  # fmt: skip
    reference = c.text("What others know it by: of a payment, a parcel.", null=True, max_length=200, personal=False)
    reason = c.text("Why it was given back or cancelled.", null=True, max_length=500, personal=False)

    __indexes__: ClassVar[tuple[Index, ...]] = (
        Index(("reward_id", "member_id")),
        Index(("member_id", "placed_at desc")),
        Index(("status", "placed_at")),
        Index(("transaction_id",)),
        Index(("hold_id",)),
        Index(("currency_id",)),
    )
