"""Days of the year by the Gregorian and the Chinese calendar: which births and feasts fall on a day."""

from __future__ import annotations

import calendar
from collections.abc import Iterator
from datetime import date, timedelta

from borax.calendars.lunardate import LCalendars, LunarDate  # type: ignore[import-untyped]

from crmcore_loyalty.tables.rule_terms import LoyaltyRuleCalendar as Calendar

__all__ = ["births", "is_on", "year_of"]

_OLDEST = 130
#: What the tables of the Chinese calendar know.
_FIRST, _LAST = date(1900, 1, 31), date(2101, 1, 28)


def births(kind: Calendar, day: date) -> list[date]:
    """Return the dates of birth whose birthday is kept on a day.

    Who was born on 29 February keeps it on the 28th in other years. By the Chinese calendar who was born in a leap month keeps
    it in the month of that number, and who was born on the 30th on the 29th where the month has no more.
    """
    found = _gregorian(day) if kind is Calendar.GREGORIAN else _chinese(day)
    return sorted({birth for birth in found if birth <= day})


def is_on(kind: Calendar, month: int, on: int, day: date) -> bool:
    """Say whether a day of the year is today; a month that is too short has it on its last day, a leap month has none."""
    if kind is Calendar.GREGORIAN:
        return day.month == month and day.day == min(on, calendar.monthrange(day.year, day.month)[1])
    if not _FIRST <= day <= _LAST:
        return False
    lunar = LunarDate.from_solar(day)
    return (lunar.month, lunar.leap) == (month, 0) and (lunar.day == on or (on > lunar.day and _is_last(day)))


def year_of(kind: Calendar, day: date) -> int:
    """Return the year in which a day lies; the Chinese one begins at the Spring Festival."""
    if kind is Calendar.CHINESE and _FIRST <= day <= _LAST:
        return int(LunarDate.from_solar(day).year)
    return day.year


def _gregorian(day: date) -> Iterator[date]:
    on_28th = (day.month, day.day) == (2, 28) and not calendar.isleap(day.year)
    for year in range(day.year - _OLDEST, day.year + 1):
        if (day.month, day.day) != (2, 29) or calendar.isleap(year):
            yield day.replace(year=year)
        if on_28th and calendar.isleap(year):
            yield date(year, 2, 29)


def _chinese(day: date) -> Iterator[date]:
    if not _FIRST <= day <= _LAST:
        return
    today = LunarDate.from_solar(day)
    if today.leap:
        return
    days = [today.day, 30] if today.day == 29 and _is_last(day) else [today.day]
    for year in range(max(_FIRST.year, today.year - _OLDEST), today.year + 1):
        leap = LCalendars.leap_month(year) == today.month
        for is_leap in (0, 1) if leap else (0,):
            length = LCalendars.ndays(year, today.month, is_leap)
            yield from (LunarDate(year, today.month, on, is_leap).to_solar_date() for on in days if on <= length)


def _is_last(day: date) -> bool:
    return day == _LAST or LunarDate.from_solar(day + timedelta(days=1)).day == 1
