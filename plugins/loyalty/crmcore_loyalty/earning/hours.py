"""Happy hours: weekdays and times of day by the clocks of a place, daylight saving included."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, time
from typing import Any

__all__ = ["Hours", "read"]

_DAYS = ("MON", "TUE", "WED", "THU", "FRI", "SAT", "SUN")


@dataclass(frozen=True, slots=True)
class Hours:
    """Some weekdays, from one time of day until another, that one not included; past midnight if it is the earlier one.

    Attributes:

        days: 0 is Monday; the day on which they begin.
        begin, end: by local clocks.
    """

    days: frozenset[int]
    begin: time
    end: time

    def has(self, local: datetime) -> bool:
        """Say whether a local time lies within."""
        at, day = local.time().replace(tzinfo=None), local.weekday()
        if self.begin < self.end:
            return day in self.days and self.begin <= at < self.end
        return (day in self.days and at >= self.begin) or ((day - 1) % 7 in self.days and at < self.end)


def read(said: Any) -> Sequence[Hours]:
    """Read what a rule's `hours` says.

    Raises:

        ValueError: it is not understood; the text says what to write.
    """
    if said is None:
        return ()
    if not isinstance(said, list) or not said:
        msg = 'Write a list as [{"days": ["SAT", "SUN"], "from": "17:00", "until": "19:30"}].'
        raise ValueError(msg)
    return tuple(_one(one) for one in said)


def _one(said: Any) -> Hours:
    if not isinstance(said, dict) or not {"from", "until"} <= set(said) <= {"days", "from", "until"}:
        msg = "Each has from and until, and days unless it is every day."
        raise ValueError(msg)
    days = said.get("days", list(_DAYS))
    if not isinstance(days, list) or not days or not set(days) <= set(_DAYS):
        msg = f"Days are {', '.join(_DAYS)}."
        raise ValueError(msg)
    try:
        begin, end = (time.fromisoformat(said[name]) for name in ("from", "until"))
    except (TypeError, ValueError):
        msg = "Times are written as 17:00."
        raise ValueError(msg) from None
    return Hours(frozenset(_DAYS.index(day) for day in days), begin, end)
