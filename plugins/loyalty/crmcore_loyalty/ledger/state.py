"""Accounts, lots and holds as values: what the ledger decides on, with no database."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID

from crmcore_loyalty.tables.ledger import LoyaltyBucket, LoyaltyHoldState

__all__ = ["Account", "Hold", "Lot", "fifo", "take"]

_EARLIEST = datetime.min.replace(tzinfo=UTC)


@dataclass(slots=True)
class Account:
    """A row of `loyalty_account`, and who else wants to know of it: see `LoyaltyPointsChanged`."""

    id: UUID
    member_id: UUID
    currency_id: UUID
    available: int = 0
    pending: int = 0
    held: int = 0
    owed: int = 0
    accrued: int = 0
    redeemed: int = 0
    expired: int = 0
    last_version: int = 0
    closed: bool = False
    expires_at: datetime | None = None
    counted: bool = False
    pooled: bool = False


@dataclass(slots=True)
class Lot:
    """A row of `loyalty_lot`; `spent` and `due_at` follow from the rest, and `came_as` is known of new ones only."""

    id: UUID
    account_id: UUID
    member_id: UUID
    currency_id: UUID
    transaction_id: UUID
    origin_id: UUID | None
    earned_at: datetime
    active_at: datetime | None
    expires_at: datetime | None
    original: int
    remaining: int = 0
    pending: int = 0
    held: int = 0
    came_as: LoyaltyBucket | None = None

    @property
    def spent(self) -> bool:
        """Whether nothing is left."""
        return not (self.remaining or self.pending or self.held)

    @property
    def due_at(self) -> datetime | None:
        """When a sweep has something to do with it."""
        if self.pending and self.active_at is not None:
            return self.active_at if self.expires_at is None else min(self.active_at, self.expires_at)
        return self.expires_at if self.remaining or self.pending else None

    def expired(self, at: datetime) -> bool:
        """Whether it has expired at an instant."""
        return self.expires_at is not None and self.expires_at <= at


@dataclass(slots=True)
class Hold:
    """A row of `loyalty_hold`."""

    id: UUID
    account_id: UUID
    member_id: UUID
    currency_id: UUID
    points: int
    expires_at: datetime
    captured: int = 0
    state: LoyaltyHoldState = LoyaltyHoldState.OPEN
    ended_at: datetime | None = None


def fifo(lots: Iterable[Lot]) -> list[Lot]:
    """Return lots in the order in which they are spent: what expires first, then what came first."""
    return sorted(lots, key=_order)


def take(parts: Iterable[tuple[Lot, int]], points: int) -> Iterator[tuple[Lot, int]]:
    """Give so much of each part, in order, that it makes `points`; less if there is less."""
    for lot, there in parts:
        if points <= 0:
            return
        if (taken := min(there, points)) > 0:
            points -= taken
            yield lot, taken


def _order(lot: Lot) -> tuple[bool, datetime, datetime, UUID]:
    return lot.expires_at is None, lot.expires_at or _EARLIEST, lot.earned_at, lot.id
