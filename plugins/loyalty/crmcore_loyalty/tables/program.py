"""Programs, the currencies they give, and who takes part."""

from __future__ import annotations

from enum import Enum
from typing import ClassVar

from piccolo.table import Table

from crmcore import Index, Record, Write
from crmcore import columns as c

__all__ = [
    "LoyaltyCurrency",
    "LoyaltyCurrencyKind",
    "LoyaltyExpiryKind",
    "LoyaltyJoinPolicy",
    "LoyaltyMember",
    "LoyaltyMemberStatus",
    "LoyaltyOrderTrigger",
    "LoyaltyProgram",
    "LoyaltyProgramStatus",
]

_CUSTOMER = "crmcore.customers.tables:Customer"


class LoyaltyProgramStatus(Enum):
    """Where a program stands."""

    DRAFT = "Nobody earns yet."
    ACTIVE = "Members earn and redeem."
    INACTIVE = "Members redeem what they have and earn no more."


class LoyaltyJoinPolicy(Enum):
    """How customers become members."""

    BY_HAND = "Somebody enrols them."
    FIRST_ORDER = "Their first order enrols them."
    EVERYBODY = "Every customer is enrolled when made."


class LoyaltyOrderTrigger(Enum):
    """What has to become of an order before it earns."""

    PLACED = "It was placed."
    PAID = "It was paid."
    COMPLETED = "It was completed."
    NEVER = "Orders earn nothing."


class LoyaltyCurrencyKind(Enum):
    """What points are for."""

    REDEEMABLE = "Members spend them."
    QUALIFYING = "They count for tiers and cannot be spent."


class LoyaltyExpiryKind(Enum):
    """When points expire, in the program's time zone, always at the end of a day."""

    NEVER = "They do not."
    ROLLING = "So many months or days after they were earned."
    CALENDAR = "At the end of the year they were earned in, or of a later one."
    ANNIVERSARY = "On the anniversary of the member's enrolment, so many years on."
    ACTIVITY = "So many months or days after the member last earned or redeemed."


class LoyaltyMemberStatus(Enum):
    """Where a member stands."""

    ACTIVE = "Earns and redeems."
    FROZEN = "Neither earns nor redeems until somebody has looked at it."
    CLOSED = "Has left."
    MERGED = "Went on as another member."


class LoyaltyProgram(Record, Table, tablename="loyalty_program"):
    """A loyalty program: what members are enrolled in."""

    code = c.text("Short name, as in STARS.", max_length=40, personal=False)
    name = c.text("What members call it.", max_length=200, personal=False)
    timezone = c.text(
        "IANA name of the zone in which its days end, as in Asia/Shanghai.",
        max_length=64,
        default="UTC",
        form="timezone",
        personal=False,
    )
    status = c.choice(LoyaltyProgramStatus, "Where it stands.", default=LoyaltyProgramStatus.DRAFT)
    join_policy = c.choice(LoyaltyJoinPolicy, "How customers become members.", default=LoyaltyJoinPolicy.BY_HAND)
    order_trigger = c.choice(LoyaltyOrderTrigger, "When orders earn.", default=LoyaltyOrderTrigger.PAID)
    sandbox = c.flag("Whether it is only tried out: figures of the business leave it out.")

    __indexes__: ClassVar[tuple[Index, ...]] = (Index(("code",), unique=True, live=True),)


class LoyaltyCurrency(Record, Table, tablename="loyalty_currency"):
    """A kind of points: a ledger of its own. Amounts are whole numbers of its smallest unit."""

    program_id = c.link(
        "loyalty_program",
        "Which program gives it.",
        references=LoyaltyProgram,
        inverse="currencies",
        inverse_description="The kinds of points this program gives.",
        write=Write.CREATE,
    )
    code = c.text("Short name, unique in the program, as in POINTS.", max_length=40, personal=False)
    name = c.text("What members call it.", max_length=200, personal=False)
    kind = c.choice(
        LoyaltyCurrencyKind, "What the points are for.", default=LoyaltyCurrencyKind.REDEEMABLE, write=Write.CREATE
    )
    scale = c.integer(
        "How many decimal places to show: with 2, an amount of 150 is 1.50.", default=0, minimum=0, maximum=6
    )
    point_cost = c.minor_units(
        "What a thousand smallest units cost us when they are redeemed.", currency="money", minimum=0
    )
    money = c.currency("Currency of what points cost.")
    floor = c.big_integer(
        "How far below zero clawing back may take a member, as a number not above zero.",
        default=0,
        minimum=-(10**12),
        maximum=0,
    )
    pending_days = c.integer(
        "Days until points that were earned can be spent; 0 is at once.", default=0, minimum=0, maximum=3650
    )
    expiry = c.choice(LoyaltyExpiryKind, "When points expire.", default=LoyaltyExpiryKind.NEVER)
    expiry_months = c.integer(
        "Months until they expire; for CALENDAR and ANNIVERSARY whole years.", default=0, minimum=0, maximum=1200
    )
    expiry_days = c.integer("Days until they expire, on top of the months.", default=0, minimum=0, maximum=36_500)
    restore_days = c.integer(
        "Days that points which expired meanwhile live on when a redemption is reversed; 0 lets them expire at once.",
        default=0,
        minimum=0,
        maximum=3650,
    )
    hold_minutes = c.integer("How long a reservation is kept when nobody says.", default=30, minimum=1, maximum=527_040)
    transferable = c.flag("Whether members may give points to each other.")
    limited = c.flag("Whether limits against fraud are looked at; kept by those limits.", write=Write.NEVER)

    __indexes__: ClassVar[tuple[Index, ...]] = (Index(("program_id", "code"), unique=True, live=True),)


class LoyaltyMember(Record, Table, tablename="loyalty_member"):
    """A customer's part in a program. It is all that loyalty knows of a person: ledger and rules go by its id."""

    program_id = c.link(
        "loyalty_program",
        "In which program.",
        references=LoyaltyProgram,
        inverse="members",
        inverse_description="Who takes part.",
        write=Write.CREATE,
    )
    customer_id = c.link(
        "customer",
        "Who it is; empty once the person was forgotten.",
        references=_CUSTOMER,
        null=True,
        inverse="loyalty",
        inverse_description="The loyalty programs this customer takes part in.",
        on_delete="SET NULL",
        write=Write.CREATE,
    )
    number = c.text(
        "What stands on the card, unique in the program; drawn at random if nobody says.",
        default=None,
        max_length=64,
        personal=False,
    )
    status = c.choice(
        LoyaltyMemberStatus, "Where the member stands.", default=LoyaltyMemberStatus.ACTIVE, write=Write.NEVER
    )
    enrolled_at = c.instant("When they joined.", default=None, write=Write.CREATE)
    closed_at = c.instant("When they left, or went on as another member.", null=True, write=Write.NEVER)
    active_at = c.instant("When they last earned or redeemed, to the hour.", null=True, write=Write.NEVER)
    referrer_id = c.link(
        "loyalty_member",
        "Which member brought them.",
        references="self",
        null=True,
        inverse="referred",
        inverse_description="Whom this member brought.",
        on_delete="SET NULL",
        write=Write.CREATE,
    )
    merged_into_id = c.link(
        "loyalty_member",
        "As whom they went on.",
        references="self",
        null=True,
        inverse="mergedFrom",
        inverse_description="Members that went on as this one.",
        on_delete="SET NULL",
        write=Write.NEVER,
    )

    __indexes__: ClassVar[tuple[Index, ...]] = (
        Index(("program_id", "number"), unique=True, live=True),
        Index(("customer_id", "program_id")),
        Index(("program_id", "status", "active_at")),
        Index(("referrer_id",)),
        Index(("merged_into_id",)),
    )
