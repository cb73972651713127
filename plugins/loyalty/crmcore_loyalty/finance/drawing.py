"""A statement as a pure function of a member's entries and lots: whoever draws it again gets the same, byte for byte."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from crmcore import instants
from crmcore_loyalty.finance.months import Month

__all__ = ["Left", "Movement", "Statement", "draw"]

#: What points expire within is told of.
_SOON = timedelta(days=90)
_EARNED = frozenset({"ACCRUAL", "CANCELLATION", "REVERSAL_OF_ACCRUAL"})
_REDEEMED = frozenset({"REDEMPTION", "CAPTURE", "REVERSAL_OF_REDEMPTION", "REVERSAL_OF_CAPTURE"})
_EXPIRED = frozenset({"EXPIRY", "FORFEIT"})


@dataclass(frozen=True, slots=True)
class Movement:
    """What entries of one kind of transaction add up to in one bucket.

    Attributes:

        bucket: AVAILABLE, PENDING or HELD.
        kind: of the transaction.
        undone: the kind of what a reversal undoes, None for other kinds.
        before: Σ of those recorded before the month.
        within: Σ of those recorded in it.
    """

    bucket: str
    kind: str
    undone: str | None
    before: int
    within: int

    @property
    def name(self) -> str:
        """The kind, and of a reversal what it undid."""
        return f"{self.kind}_OF_{self.undone}" if self.kind == "REVERSAL" and self.undone else self.kind


@dataclass(frozen=True, slots=True)
class Left:
    """What was left of a lot at the end of the month."""

    lot_id: UUID
    earned_at: datetime
    expires_at: datetime | None
    points: int


@dataclass(frozen=True, slots=True)
class Statement:
    """A member's account over a month; the columns of `loyalty_statement`."""

    member_id: UUID
    currency_id: UUID
    period: str
    begins_at: datetime
    ends_at: datetime
    opening: int
    closing: int
    available: int
    earned: int
    redeemed: int
    expired: int
    other: int
    movements: Mapping[str, str]
    lots: list[Mapping[str, str | None]]
    expiring: int

    @property
    def empty(self) -> bool:
        """Whether there is nothing to tell."""
        return not (self.opening or self.closing or self.movements)

    def values(self) -> dict[str, Any]:
        """Return the columns."""
        return {name: getattr(self, name) for name in self.__slots__}

    @property
    def sha256(self) -> str:
        """Digest of the columns as JSON: keys sorted, no blanks, instants and ids as everywhere."""
        text = json.dumps(self.values(), sort_keys=True, separators=(",", ":"), ensure_ascii=False, default=_plain)
        return hashlib.sha256(text.encode()).hexdigest()


def draw(
    member_id: UUID, currency_id: UUID, month: Month, movements: Iterable[Movement], lots: Iterable[Left]
) -> Statement:
    """Draw up a statement.

    Args:

        member_id: whose.
        currency_id: in which currency.
        month: over which month.
        movements: what entries add up to that were recorded before its end.
        lots: what was left of lots then.
    """
    found = list(movements)
    by_name: dict[str, int] = {}
    for one in found:
        by_name[one.name] = by_name.get(one.name, 0) + one.within
    by_name = {name: amount for name, amount in sorted(by_name.items()) if amount}
    opening = sum(one.before for one in found)
    earned, redeemed, expired = (_of(by_name, names) for names in (_EARNED, _REDEEMED, _EXPIRED))
    left = sorted((lot for lot in lots if lot.points), key=_fifo)
    return Statement(
        member_id=member_id,
        currency_id=currency_id,
        period=month.key,
        begins_at=month.begins,
        ends_at=month.ends,
        opening=opening,
        closing=opening + sum(by_name.values()),
        available=sum(one.before + one.within for one in found if one.bucket == "AVAILABLE"),
        earned=earned,
        redeemed=-redeemed,
        expired=-expired,
        other=sum(by_name.values()) - earned - redeemed - expired,
        movements={name: str(amount) for name, amount in by_name.items()},
        lots=[_shown(lot) for lot in left],
        expiring=sum(lot.points for lot in left if lot.expires_at and lot.expires_at < month.ends + _SOON),
    )


def _of(by_name: Mapping[str, int], names: frozenset[str]) -> int:
    return sum(amount for name, amount in by_name.items() if name in names)


def _fifo(lot: Left) -> tuple[bool, str, datetime, UUID]:
    return lot.expires_at is None, instants.wire(lot.expires_at) if lot.expires_at else "", lot.earned_at, lot.lot_id


def _shown(lot: Left) -> Mapping[str, str | None]:
    return {
        "lot": str(lot.lot_id),
        "points": str(lot.points),
        "earnedAt": instants.wire(lot.earned_at),
        "expiresAt": instants.wire(lot.expires_at) if lot.expires_at else None,
    }


def _plain(value: Any) -> str:
    return instants.wire(value) if isinstance(value, datetime) else str(value)
