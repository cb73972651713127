"""Stretches of the calendar that are named by where they lie from today, as half-open ranges of days."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from enum import Enum
from zoneinfo import ZoneInfo

from crmcore.errors import Invalid

__all__ = ["LONGEST", "Days", "RelativePeriod", "anniversaries", "last_days", "midnight", "next_days"]

#: So many days are counted at most: a century.
LONGEST = 36_525

#: Among so many days there is every month and day.
_LEAP_YEAR = 366

#: From `[0]` to before `[1]`.
Days = tuple[date, date]


class RelativePeriod(Enum):
    """A stretch of the calendar by where it lies from today, in the time zone of the CRM; weeks begin on Monday."""

    TODAY = "The day it is."
    YESTERDAY = "The day before it."
    TOMORROW = "The day after it."
    THIS_WEEK = "The week today is in, from Monday to Sunday."
    LAST_WEEK = "The week before it."
    NEXT_WEEK = "The week after it."
    THIS_MONTH = "The calendar month today is in."
    LAST_MONTH = "The calendar month before it."
    NEXT_MONTH = "The calendar month after it."
    THIS_QUARTER = "The quarter today is in; quarters begin in January, April, July and October."
    LAST_QUARTER = "The quarter before it."
    NEXT_QUARTER = "The quarter after it."
    THIS_YEAR = "The calendar year today is in."
    LAST_YEAR = "The calendar year before it."
    NEXT_YEAR = "The calendar year after it."

    def days(self, today: date) -> Days:
        """Return its first day and the day after its last."""
        if self in _DAYS:
            begin = today + timedelta(_DAYS[self])
            return begin, begin + timedelta(1)
        which, _, unit = self.name.partition("_")
        offset = {"LAST": -1, "THIS": 0, "NEXT": 1}[which]
        if unit == "WEEK":
            monday = today - timedelta(today.weekday()) + timedelta(7 * offset)
            return monday, monday + timedelta(7)
        months = {"MONTH": 1, "QUARTER": 3, "YEAR": 12}[unit]
        first = (today.year * 12 + today.month - 1) // months + offset
        return _month(first * months), _month((first + 1) * months)


_DAYS = {RelativePeriod.TODAY: 0, RelativePeriod.YESTERDAY: -1, RelativePeriod.TOMORROW: 1}


def last_days(today: date, count: int) -> Days:
    """Return the last `count` days, today the last of them.

    Raises:

        Invalid: there is no day among them, or there are more than `LONGEST`.
    """
    _counted(count)
    return today - timedelta(count - 1), today + timedelta(1)


def next_days(today: date, count: int) -> Days:
    """Return the next `count` days, today the first of them.

    Raises:

        Invalid: there is no day among them, or there are more than `LONGEST`.
    """
    _counted(count)
    return today, today + timedelta(count)


def anniversaries(today: date, count: int) -> list[str]:
    """Return month and day, as `02-28`, of the dates whose anniversary is on one of the next `count` days, today the first.

    In years without a February 29 the anniversary of one is on February 28.

    Raises:

        Invalid: there is no day among them, or there are more than `LONGEST`.
    """
    _counted(count)
    return sorted({each for n in range(min(count, _LEAP_YEAR)) for each in _celebrated(today + timedelta(n))})


def midnight(day: date, zone: ZoneInfo) -> datetime:
    """Return the instant at which a day begins in a time zone, aware UTC; on days without midnight their first instant."""
    return datetime.combine(day, time.min, zone).astimezone(UTC)


def _celebrated(day: date) -> Iterator[str]:
    yield f"{day:%m-%d}"
    if (day.month, day.day) == (2, 28) and (day + timedelta(1)).month == 3:
        yield "02-29"


def _month(number: int) -> date:
    """Return the first day of a month, counted from January of the year 0."""
    return date(number // 12, number % 12 + 1, 1)


def _counted(count: int) -> None:
    if not 1 <= count <= LONGEST:
        msg = f"The number of days is {count}; give 1, which is today alone, to {LONGEST}."
        raise Invalid.at("", "NUMBER_OF_DAYS", msg)
