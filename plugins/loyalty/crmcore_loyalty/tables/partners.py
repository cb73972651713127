"""Partners: who else gives and takes points, at what rates, and what was settled with them."""

from __future__ import annotations

from enum import Enum
from typing import ClassVar

from piccolo.table import Table

from crmcore import Index, Record, Write
from crmcore import columns as c
from crmcore_loyalty.tables.ledger import LoyaltyTransaction
from crmcore_loyalty.tables.program import LoyaltyCurrency, LoyaltyMember, LoyaltyProgram

__all__ = [
    "LoyaltyPartner",
    "LoyaltyPartnerDirection",
    "LoyaltyPartnerRate",
    "LoyaltyPartnerStatus",
    "LoyaltyPartnerUse",
    "LoyaltySettlement",
]


class LoyaltyPartnerStatus(Enum):
    """Whether a partner takes part."""

    ACTIVE = "Its customers earn and redeem with our members' points."
    INACTIVE = "No more; what is open is still settled."


class LoyaltyPartnerDirection(Enum):
    """Who pays whom."""

    EARN = "Members earn at the partner's, who pays us for the points."
    BURN = "Members redeem at the partner's, whom we pay."


class LoyaltyPartner(Record, Table, tablename="loyalty_partner"):
    """A company whose customers earn or redeem our points."""

    program_id = c.link(
        "loyalty_program",
        "In which program.",
        references=LoyaltyProgram,
        inverse="partners",
        inverse_description="Who else gives and takes points of this program.",
        write=Write.CREATE,
    )
    code = c.text("Short name, unique in the program.", max_length=40, personal=False)
    name = c.text("The company's name.", max_length=200, personal=False)
    status = c.choice(LoyaltyPartnerStatus, "Whether it takes part.", default=LoyaltyPartnerStatus.ACTIVE)
    prepaid_only = c.flag("Whether it may give only points it has paid for before.")
    prepaid = c.big_integer("How many points it has paid for and not given yet.", default=0, write=Write.NEVER)

    __indexes__: ClassVar[tuple[Index, ...]] = (Index(("program_id", "code"), unique=True, live=True),)


class LoyaltyPartnerRate(Record, Table, tablename="loyalty_partner_rate"):
    """What a thousand points cost between a partner and us."""

    partner_id = c.link(
        "loyalty_partner",
        "Which partner.",
        references=LoyaltyPartner,
        inverse="rates",
        inverse_description="What points cost between this partner and us.",
        on_delete="CASCADE",
        write=Write.CREATE,
    )
    currency_id = c.link("loyalty_currency", "For which points.", references=LoyaltyCurrency, write=Write.CREATE)
    direction = c.choice(LoyaltyPartnerDirection, "Who pays whom.", write=Write.CREATE)
    price = c.minor_units("What a thousand smallest units cost.", currency="money", minimum=0)
    money = c.currency("Currency of the price.")
    starts_at = c.instant("From when on, by what happened in the business; the latest that has begun counts.")

    __indexes__: ClassVar[tuple[Index, ...]] = (
        Index(("partner_id", "currency_id", "direction", "starts_at"), unique=True, live=True),
        Index(("currency_id",)),
    )


class LoyaltySettlement(Table, tablename="loyalty_settlement"):
    """What a partner and we owe each other for a time. Never changed."""

    id = c.identifier("Identifies the settlement.")
    partner_id = c.link(
        "loyalty_partner",
        "With which partner.",
        references=LoyaltyPartner,
        inverse="settlements",
        inverse_description="What this partner and we owed each other, and when.",
    )
    until = c.instant("What happened before this instant and was not settled yet is in it.")
    settled_at = c.instant("When it was made.")
    transactions = c.integer("How many transactions are in it.")
    earned = c.big_integer("Points that members earned at the partner's.")
    burned = c.big_integer("Points that members redeemed at the partner's.")
    net = c.minor_units("What the partner owes us; below zero, what we owe it.", currency="money", null=False)
    money = c.currency("Currency of the settlement.", null=False)

    __indexes__: ClassVar[tuple[Index, ...]] = (Index(("partner_id", "settled_at desc")),)


class LoyaltyPartnerUse(Table, tablename="loyalty_partner_use"):
    """That a transaction came about at a partner's, and which settlement has it."""

    id = c.identifier("Identifies the use.")
    partner_id = c.link(
        "loyalty_partner",
        "At which partner's.",
        references=LoyaltyPartner,
        inverse="uses",
        inverse_description="What members earned and redeemed at this partner's.",
    )
    transaction_id = c.link("loyalty_transaction", "Which transaction.", references=LoyaltyTransaction)
    member_id = c.link("loyalty_member", "Whose points.", references=LoyaltyMember)
    direction = c.choice(LoyaltyPartnerDirection, "Who pays whom.")
    points = c.big_integer("How many.")
    price = c.minor_units("What they cost, by the rate of that time.", currency="money", null=False)
    money = c.currency("Currency of what they cost.", null=False)
    event_at = c.instant("When it happened in the business.")
    settlement_id = c.link(
        "loyalty_settlement",
        "Which settlement has it; empty while none has.",
        references=LoyaltySettlement,
        null=True,
        inverse="uses",
        inverse_description="What is in it.",
    )

    __indexes__: ClassVar[tuple[Index, ...]] = (
        Index(("transaction_id",), unique=True),
        Index(("partner_id", "settlement_id", "event_at")),
        Index(("settlement_id",)),
        Index(("member_id",)),
    )
