"""Limits that fraud runs into, and the cases that wait for a decision."""

from __future__ import annotations

from enum import Enum
from typing import ClassVar

from piccolo.table import Table

from crmcore import Index, Record, Write
from crmcore import columns as c
from crmcore_loyalty.tables.ledger import LoyaltyTransactionKind
from crmcore_loyalty.tables.program import LoyaltyCurrency, LoyaltyMember

__all__ = ["LoyaltyCase", "LoyaltyCaseState", "LoyaltyLimit", "LoyaltyLimitAction", "LoyaltyLimitMetric"]


class LoyaltyLimitMetric(Enum):
    """What a limit adds up, of one member in one currency, within its window."""

    EARNED = "Points that were earned."
    REDEEMED = "Points that were redeemed, or set aside and captured."
    GIVEN = "Points that were given to other members."
    TRANSACTIONS = "How often points moved, whatever their number."


class LoyaltyLimitAction(Enum):
    """What happens to what would go over a limit."""

    BLOCK = "It is declined."
    REVIEW = "It is declined for now; somebody looks at it and may let it through."
    FREEZE = "It is declined, and the member is frozen until somebody has looked at it."


class LoyaltyCaseState(Enum):
    """Where a case stands."""

    OPEN = "Nobody has decided yet."
    APPROVED = "It was let through."
    REJECTED = "It stays declined."


class LoyaltyLimit(Record, Table, tablename="loyalty_limit"):
    """How much of something one member may do within a time."""

    currency_id = c.link(
        "loyalty_currency",
        "Of which points.",
        references=LoyaltyCurrency,
        inverse="limits",
        inverse_description="What keeps fraud small.",
        write=Write.CREATE,
    )
    metric = c.choice(LoyaltyLimitMetric, "What is added up.")
    hours = c.integer("Of how many hours, back from now, by when it was recorded.", minimum=1, maximum=24 * 366)
    most = c.big_integer("How much it may be at most, what is asked for included; 0 lets nothing through.", minimum=0)
    action = c.choice(LoyaltyLimitAction, "What happens to what would be more.", default=LoyaltyLimitAction.BLOCK)
    active = c.flag("Whether it counts.", default=True)

    __indexes__: ClassVar[tuple[Index, ...]] = (Index(("currency_id", "active")),)


class LoyaltyCase(Record, Table, tablename="loyalty_case"):
    """Something that went over a limit and waits for somebody's decision."""

    member_id = c.link(
        "loyalty_member",
        "Whose.",
        references=LoyaltyMember,
        inverse="cases",
        inverse_description="What of this member's went over a limit.",
        write=Write.NEVER,
    )
    limit_id = c.link("loyalty_limit", "Over which limit.", references=LoyaltyLimit, write=Write.NEVER)
    transaction_id = c.text("The id under which it was declined.", max_length=36, personal=False, write=Write.NEVER)
    kind = c.choice(LoyaltyTransactionKind, "What was asked for.", write=Write.NEVER)
    points = c.big_integer("How many points.", write=Write.NEVER)
    reached = c.big_integer("What the sum would have been.", write=Write.NEVER)
    state = c.choice(LoyaltyCaseState, "Where it stands.", default=LoyaltyCaseState.OPEN, write=Write.NEVER)
    note = c.text("Why it was decided so.", null=True, max_length=500, personal=False, write=Write.NEVER)

    __indexes__: ClassVar[tuple[Index, ...]] = (
        Index(("state", "created_at")),
        Index(("member_id", "created_at desc")),
        Index(("limit_id",)),
    )
