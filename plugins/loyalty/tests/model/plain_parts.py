"""What the plain ledger is made of: currencies, lots, and how parts of lots are taken in order."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, TypeAlias
from zoneinfo import ZoneInfo

__all__ = [
    "CURRENCIES",
    "LATE",
    "ZONE",
    "Declined",
    "Lot",
    "Parts",
    "day_of",
    "end_of_day",
    "expires",
    "first",
    "split",
]

ZONE = ZoneInfo("America/New_York")
#: So many days after it happened something may still be told.
LATE = timedelta(days=30)

#: By code, as the entity has them.
CURRENCIES: dict[str, dict[str, Any]] = {
    "QUICK": {"expiry": "ROLLING", "expiry_days": 20, "transferable": True, "hold_minutes": 600},
    "YEAR": {
        "expiry": "CALENDAR", "pending_days": 2, "restore_days": 15, "floor": -50, "transferable": True,
        "hold_minutes": 6000,
    },
    "EVER": {"expiry": "ROLLING", "expiry_months": 1, "expiry_days": 1, "floor": -10, "hold_minutes": 60},
}  # fmt: skip


class Declined(Exception):
    """It cannot be had; says why."""


@dataclass(eq=False)
class Lot:
    """Points that came together; `root` is the same for those they were part of."""

    earned: datetime
    active: datetime | None
    expires: datetime | None
    parts: Counter[str] = field(default_factory=Counter)
    root: Any = None


Parts: TypeAlias = list[tuple[Lot, int]]


def split(parts: Parts, points: int) -> tuple[Parts, Parts]:
    """Part what makes `points`, in order, from the rest."""
    taken: Parts = []
    rest: Parts = []
    for lot, amount in parts:
        now = min(amount, points)
        points -= now
        taken += [(lot, now)] * (now > 0)
        rest += [(lot, amount - now)] * (amount > now)
    return taken, rest


def first(lot: Lot) -> tuple[Any, ...]:
    return lot.expires is None, lot.expires or lot.earned, lot.earned


def expires(code: str, earned: datetime) -> datetime | None:
    """Return when points expire that come now: at the end of a day, by the program's clocks."""
    rule, day = CURRENCIES[code], day_of(earned)
    if rule["expiry"] == "CALENDAR":
        return end_of_day(date(day.year, 12, 31))
    year, month = divmod(day.year * 12 + day.month - 1 + rule.get("expiry_months", 0), 12)
    longest = (date(year + month // 11, (month + 1) % 12 + 1, 1) - timedelta(days=1)).day
    return end_of_day(date(year, month + 1, min(day.day, longest)) + timedelta(days=rule.get("expiry_days", 0)))


def day_of(at: datetime) -> date:
    """Return which day it is where the program is."""
    return at.astimezone(ZONE).date()


def end_of_day(day: date) -> datetime:
    """Return the first instant after a day."""
    return datetime.combine(day + timedelta(days=1), time(), ZONE).astimezone(UTC)
