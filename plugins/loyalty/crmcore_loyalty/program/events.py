"""What happens to members: they join, are frozen, leave."""

from __future__ import annotations

from dataclasses import dataclass

from crmcore import Created, Event, Updated

__all__ = [
    "LoyaltyMemberClosed",
    "LoyaltyMemberCreated",
    "LoyaltyMemberFrozen",
    "LoyaltyMemberUnfrozen",
    "LoyaltyMemberUpdated",
]


@dataclass(frozen=True, kw_only=True)
class LoyaltyMemberFrozen(Event, of="loyalty_member", since="0.1.0"):
    """A member can neither earn nor redeem until somebody has looked at it."""

    reason: str


@dataclass(frozen=True, kw_only=True)
class LoyaltyMemberUnfrozen(Event, of="loyalty_member", since="0.1.0"):
    """Somebody has looked at a frozen member; it earns and redeems again."""

    reason: str | None


@dataclass(frozen=True, kw_only=True)
class LoyaltyMemberClosed(Event, of="loyalty_member", since="0.1.0"):
    """A member has left; its points have lapsed."""

    reason: str | None


class LoyaltyMemberCreated(Created, of="loyalty_member"):
    """Somebody joined a program."""


class LoyaltyMemberUpdated(Updated, of="loyalty_member"):
    """Something about a member was changed."""
