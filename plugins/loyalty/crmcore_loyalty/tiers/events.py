"""What happens to members' tiers."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from crmcore import Created, Deleted, Event, Restored, Updated

__all__ = [
    "LoyaltyTierAtRisk",
    "LoyaltyTierChanged",
    "LoyaltyTierCreated",
    "LoyaltyTierDeleted",
    "LoyaltyTierGroupCreated",
    "LoyaltyTierGroupUpdated",
    "LoyaltyTierRestored",
    "LoyaltyTierUpdated",
]


@dataclass(frozen=True, kw_only=True)
class LoyaltyTierChanged(Event, of="loyalty_member", since="0.1.0"):
    """A member came into another tier; `change` is a `LoyaltyTierMove`."""

    group_id: UUID
    from_tier_id: UUID | None
    to_tier_id: UUID | None
    change: str
    reason: str


@dataclass(frozen=True, kw_only=True)
class LoyaltyTierAtRisk(Event, of="loyalty_member", since="0.1.0"):
    """A member will lose a tier at `until` unless they make up for `missing`, in the ladder's own unit."""

    group_id: UUID
    tier_id: UUID | None
    until: datetime | None
    missing: int | None


@dataclass(frozen=True, kw_only=True)
class LoyaltyTierGroupCreated(Created, of="loyalty_tier_group"):
    """A ladder of tiers was made."""


@dataclass(frozen=True, kw_only=True)
class LoyaltyTierGroupUpdated(Updated, of="loyalty_tier_group"):
    """The rules of a ladder were changed."""


@dataclass(frozen=True, kw_only=True)
class LoyaltyTierCreated(Created, of="loyalty_tier"):
    """A tier was made."""


@dataclass(frozen=True, kw_only=True)
class LoyaltyTierUpdated(Updated, of="loyalty_tier"):
    """A tier was changed."""


@dataclass(frozen=True, kw_only=True)
class LoyaltyTierDeleted(Deleted, of="loyalty_tier"):
    """A tier was deleted."""


@dataclass(frozen=True, kw_only=True)
class LoyaltyTierRestored(Restored, of="loyalty_tier"):
    """A tier came back."""
