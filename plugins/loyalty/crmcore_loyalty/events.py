"""What happens to members beyond what happens to every record; all of it others can act on."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from crmcore import Event

__all__ = ["LoyaltyPointsChanged"]


@dataclass(frozen=True, kw_only=True)
class LoyaltyPointsChanged(Event, of="loyalty_member", since="0.1.0"):
    """A member's points changed.

    Attributes:

        transaction_id: by which transaction.
        kind: what that does.
        currency_id: which points.
        points: by how many what can be spent changed.
        available: what can be spent now.
        pending: what is pending now.
        held: what is set aside now.
        counted: whether tiers go by these points.
        pooled: whether the member's household wants them in its pool by itself.
    """

    transaction_id: UUID
    kind: str
    currency_id: UUID
    points: int
    available: int
    pending: int
    held: int
    counted: bool = False
    pooled: bool = False
