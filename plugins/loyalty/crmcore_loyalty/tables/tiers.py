"""Tiers: what counts for them, over which time, and what each gives."""

from __future__ import annotations

from enum import Enum
from typing import ClassVar

from piccolo.table import Table

from crmcore import Index, Record, Write
from crmcore import columns as c
from crmcore_loyalty.tables.program import LoyaltyCurrency, LoyaltyProgram

__all__ = ["LoyaltyTier", "LoyaltyTierDowngrade", "LoyaltyTierGroup", "LoyaltyTierMetric", "LoyaltyTierPeriod"]


class LoyaltyTierMetric(Enum):
    """What members qualify by."""

    POINTS = "Points earned in a currency, less what was undone."
    SPEND = "What was paid for orders, less what was given back."
    VISITS = "How often an action was recorded."


class LoyaltyTierPeriod(Enum):
    """Over which time it is counted, in days of the program's time zone."""

    CALENDAR = "Periods that are the same for everybody, as calendar years."
    ANNIVERSARY = "Periods that begin on the day of the member's enrolment."
    ROLLING = "The months up to today."
    EVER = "All time."


class LoyaltyTierDowngrade(Enum):
    """What becomes of members who do not qualify for their tier any more, once the grace days are over."""

    ONE_LEVEL = "They come one tier down, and keep that one for another period."
    RECOMPUTE = "They come to the tier they qualify for."


class LoyaltyTierGroup(Record, Table, tablename="loyalty_tier_group"):
    """A ladder of tiers of a program, and the rules by which members go up and down on it."""

    program_id = c.link(
        "loyalty_program",
        "In which program.",
        references=LoyaltyProgram,
        inverse="tierGroups",
        inverse_description="The ladders of tiers of this program.",
        write=Write.CREATE,
    )
    code = c.text("Short name, unique in the program, as in STATUS.", max_length=40, personal=False)
    name = c.text("What members call it.", max_length=200, personal=False)
    metric = c.choice(LoyaltyTierMetric, "What members qualify by.", default=LoyaltyTierMetric.POINTS)
    currency_id = c.link(
        "loyalty_currency",
        "For POINTS: which points count.",
        references=LoyaltyCurrency,
        null=True,
    )
    money = c.text(
        "For SPEND: ISO 4217 code of the orders that count, as in EUR.", null=True, max_length=3, personal=False
    )
    counts_before = c.flag("For SPEND: whether orders from before the member joined count.")
    activity = c.text("For VISITS: which recorded action counts.", null=True, max_length=60, personal=False)
    period = c.choice(LoyaltyTierPeriod, "Over which time it is counted.", default=LoyaltyTierPeriod.CALENDAR)
    months = c.integer("How long a period is.", default=12, minimum=1, maximum=120)
    start_month = c.integer("For CALENDAR: a month in which a period begins.", default=1, minimum=1, maximum=12)
    keep_periods = c.integer(
        "For CALENDAR and ANNIVERSARY: through how many further periods a tier lasts; 0 ends it with the one it was reached in.",
        default=1,
        minimum=0,
        maximum=5,
    )
    grace_days = c.integer(
        "Days that members who do not qualify any more keep their tier to make up for it.",
        default=0,
        minimum=0,
        maximum=366,
    )
    downgrade = c.choice(LoyaltyTierDowngrade, "What becomes of them then.", default=LoyaltyTierDowngrade.ONE_LEVEL)
    warn_days = c.integer(
        "So many days before a tier ends its member is told what is missing; 0 tells nobody.",
        default=30,
        minimum=0,
        maximum=366,
    )

    __indexes__: ClassVar[tuple[Index, ...]] = (
        Index(("program_id", "code"), unique=True, live=True),
        Index(("currency_id",)),
    )


class LoyaltyTier(Record, Table, tablename="loyalty_tier"):
    """A tier: from how much on members are in it, and what it gives them."""

    group_id = c.link(
        "loyalty_tier_group",
        "On which ladder.",
        references=LoyaltyTierGroup,
        inverse="tiers",
        inverse_description="The tiers of this ladder.",
        on_delete="CASCADE",
        write=Write.CREATE,
    )
    rank = c.integer("Its place on the ladder; 1 is the lowest.", minimum=1, maximum=1000, write=Write.CREATE)
    code = c.text("Short name, unique on the ladder, as in GOLD.", max_length=40, personal=False)
    name = c.text("What members call it.", max_length=200, personal=False)
    threshold = c.big_integer(
        "From how much on: smallest units of points, minor units of money, or a number of visits; more than the tier below.",
        minimum=0,
    )
    earn_percent = c.integer(
        "What members earn, in percent of what others do: 150 is half as much again.",
        default=100,
        minimum=0,
        maximum=10_000,
    )
    benefits = c.json("What else it gives, for those who show or grant it.", null=True, personal=False)

    __indexes__: ClassVar[tuple[Index, ...]] = (
        Index(("group_id", "rank"), unique=True, live=True),
        Index(("group_id", "code"), unique=True, live=True),
    )
