"""Where members stand on a ladder of tiers, and how they came there."""

from __future__ import annotations

from enum import Enum
from typing import ClassVar

from piccolo.table import Table

from crmcore import Index
from crmcore import columns as c
from crmcore_loyalty.tables.program import LoyaltyMember
from crmcore_loyalty.tables.tiers import LoyaltyTier, LoyaltyTierGroup

__all__ = ["LoyaltyStanding", "LoyaltyStandingState", "LoyaltyTierChange", "LoyaltyTierMove"]


class LoyaltyStandingState(Enum):
    """How firmly a member is in a tier."""

    ACTIVE = "It is theirs."
    AT_RISK = "They do not qualify for it any more, and may make up for it until the grace days are over."
    LANDED = "They came down into it and keep it to its end, whether they qualify or not."
    OVERRIDDEN = "Somebody gave it to them by hand."


class LoyaltyTierMove(Enum):
    """What happened to a standing."""

    UPGRADED = "They qualified for a higher tier."
    DOWNGRADED = "They came into a lower tier."
    AT_RISK = "They do not qualify any more; the grace days began."
    RETAINED = "They made up for it in time."
    OVERRIDDEN = "Somebody gave them a tier by hand."
    RELEASED = "What was given by hand ended, and they qualify for the same tier themselves."


class LoyaltyStanding(Table, tablename="loyalty_standing"):
    """Where a member stands on a ladder: tier, how safe it is, and what is missing for the next one."""

    id = c.identifier("Identifies the standing.")
    member_id = c.link(
        "loyalty_member", "Who stands there.", references=LoyaltyMember, on_delete="CASCADE",
        inverse="standings", inverse_description="This member's tiers, one a ladder, with progress and risk.",
    )  # fmt: skip
    group_id = c.link(
        "loyalty_tier_group", "On which ladder.", references=LoyaltyTierGroup, on_delete="CASCADE",
        inverse="standings", inverse_description="Who stands where on this ladder.",
    )  # fmt: skip
    tier_id = c.link(
        "loyalty_tier", "Which tier; empty below the lowest.", references=LoyaltyTier, null=True,
        inverse="standings", inverse_description="Who is in this tier.",
    )  # fmt: skip
    state = c.choice(LoyaltyStandingState, "How firmly.", default=LoyaltyStandingState.ACTIVE)
    since = c.instant("Since when they have been in it.", null=True)
    until = c.instant("To when it lasts without anything more; empty if that is not settled.", null=True)
    grace_until = c.instant("When the grace days end, while at risk.", null=True)
    qualified = c.big_integer("How much counts in the present period.", default=0)
    window_from = c.instant("When the present period began; empty if all time counts.", null=True)
    window_until = c.instant("When it ends; empty where it goes along with today.", null=True)
    next_tier_id = c.link("loyalty_tier", "The next higher tier, if any.", references=LoyaltyTier, null=True)
    missing = c.big_integer("What is missing for that one in the present period.", null=True)
    keep_missing = c.big_integer("What is missing to keep the tier beyond its end.", null=True)
    warned_until = c.instant("Of which end they were warned.", null=True)
    reason = c.text("Why somebody gave the tier by hand.", null=True, max_length=500, personal=False)
    evaluated_at = c.instant("When this last changed.")
    due_at = c.instant("When time alone may change it next.", null=True)

    __indexes__: ClassVar[tuple[Index, ...]] = (
        Index(("member_id", "group_id"), unique=True),
        Index(("group_id", "member_id")),
        Index(("tier_id",)),
        Index(("next_tier_id",)),
        Index(("due_at",)),
    )


class LoyaltyTierChange(Table, tablename="loyalty_tier_change"):
    """What happened to a standing and why, with all that was looked at. Never changed."""

    id = c.identifier("Identifies the change.")
    member_id = c.link(
        "loyalty_member", "Whose standing.", references=LoyaltyMember, on_delete="CASCADE",
        inverse="tierChanges", inverse_description="How this member came to stand where they stand.",
    )  # fmt: skip
    group_id = c.link("loyalty_tier_group", "On which ladder.", references=LoyaltyTierGroup, on_delete="CASCADE")
    kind = c.choice(LoyaltyTierMove, "What happened.")
    from_tier_id = c.link("loyalty_tier", "The tier before.", references=LoyaltyTier, null=True)
    to_tier_id = c.link("loyalty_tier", "The tier after.", references=LoyaltyTier, null=True)
    at = c.instant("When.")
    moved_at = c.instant("The same, if they came into another tier.", null=True)
    reason = c.text("Why, in a sentence.", max_length=1000, personal=False)
    inputs = c.json("What was looked at: rules, amounts by period, the standing before.", null=False, personal=False)
    actor = c.json("Who brought it about.", null=False, personal=False)

    __indexes__: ClassVar[tuple[Index, ...]] = (
        Index(("member_id", "at desc")),
        Index(("member_id", "moved_at desc")),
        Index(("group_id", "at desc")),
        Index(("from_tier_id",)),
        Index(("to_tier_id",)),
    )
