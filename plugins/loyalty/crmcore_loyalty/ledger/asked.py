"""What is asked of the ledger, as values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from typing import Any, Final, Literal
from uuid import UUID

from crmcore_loyalty.tables.ledger import LoyaltyHouse

__all__ = ["POLICY", "Accrual", "Policy", "Redemption", "Reservation", "Source"]


class Policy(Enum):
    """Stands for an instant that the currency's policy decides."""

    POLICY = "as the currency says"


#: As the currency's policy says.
POLICY: Final = Policy.POLICY


@dataclass(frozen=True, kw_only=True)
class Source:
    """What points come from or go to: `Source(type="order", id=str(order_id))`."""

    type: str
    id: str


@dataclass(frozen=True, kw_only=True)
class Accrual:
    """Points that a member earns.

    Attributes:

        member_id: who earns them.
        currency_id: which points.
        points: how many, in the currency's smallest unit; more than 0.
        id: the transaction's; asking twice under one id has one effect. None makes a new one.
        event_at: when it happened in the business; None is now.
        active_at: from when on they can be spent; None waits for `activate`.
        expires_at: the instant at which they expire; None never.
        source: what they come from.
        reason: why, in a sentence.
        trace: how many points, and why: rules, versions, inputs.
        house: which of our accounts gives them.
        unlimited: whether limits against fraud are not looked at.
    """

    member_id: UUID
    currency_id: UUID
    points: int
    id: UUID | None = None
    event_at: datetime | None = None
    active_at: datetime | Literal[Policy.POLICY] | None = POLICY
    expires_at: datetime | Literal[Policy.POLICY] | None = POLICY
    source: Source | None = None
    reason: str | None = None
    trace: Mapping[str, Any] | None = None
    house: LoyaltyHouse = LoyaltyHouse.ISSUED
    unlimited: bool = False


@dataclass(frozen=True, kw_only=True)
class Redemption:
    """Points that a member spends; see `Accrual` for what is not said here.

    Attributes:

        house: which of our accounts takes them.
    """

    member_id: UUID
    currency_id: UUID
    points: int
    id: UUID | None = None
    event_at: datetime | None = None
    source: Source | None = None
    reason: str | None = None
    trace: Mapping[str, Any] | None = None
    house: LoyaltyHouse = LoyaltyHouse.REDEEMED
    unlimited: bool = False


@dataclass(frozen=True, kw_only=True)
class Reservation:
    """Points that are set aside; see `Accrual` for what is not said here.

    Attributes:

        expires_at: when they are free again if nobody captures them; None is after as long as the currency says.
    """

    member_id: UUID
    currency_id: UUID
    points: int
    id: UUID | None = None
    event_at: datetime | None = None
    expires_at: datetime | None = None
    source: Source | None = None
    reason: str | None = None
    trace: Mapping[str, Any] | None = None
    unlimited: bool = False
