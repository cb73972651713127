"""What the plugin tells others about members, so that they can write to them: each once."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from crmcore import Event, Updated

__all__ = ["LoyaltyEventUpdated", "LoyaltyMemberInactive", "LoyaltyPointsExpiring"]


@dataclass(frozen=True, kw_only=True)
class LoyaltyPointsExpiring(Event, of="loyalty_member", since="0.1.0"):
    """Points of a member are about to expire; told once for all that expire at one instant."""

    currency_id: UUID
    points: int
    expires_at: datetime


@dataclass(frozen=True, kw_only=True)
class LoyaltyMemberInactive(Event, of="loyalty_member", since="0.1.0"):
    """A member has neither earned nor redeemed for long; told once until they do again."""

    active_at: datetime


@dataclass(frozen=True, kw_only=True)
class LoyaltyEventUpdated(Updated, of="loyalty_event"):
    """A members' event was changed."""
