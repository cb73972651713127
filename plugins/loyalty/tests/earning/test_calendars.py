"""Birthdays and feasts, by both calendars."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from crmcore_loyalty.earning.calendars import births, is_on, year_of
from crmcore_loyalty.tables.rule_terms import LoyaltyRuleCalendar as Calendar

#: When the Spring Festival was and will be; well known, and written from memory.
SPRING = (
    "2020-01-25 2021-02-12 2022-02-01 2023-01-22 2024-02-10 2025-01-29 2026-02-17 2027-02-06 2028-01-26 2029-02-13 "
    "2030-02-03 2033-01-31 2034-02-19"
)


@pytest.mark.parametrize("day", SPRING.split())
def test_the_spring_festival_is_the_first_day_of_the_first_month(day: str) -> None:
    """And begins the year; the day before belongs to the year before."""
    feast = date.fromisoformat(day)

    assert is_on(Calendar.CHINESE, 1, 1, feast)
    assert (feast.year, feast.year - 1) == (
        year_of(Calendar.CHINESE, feast),
        year_of(Calendar.CHINESE, feast.fromordinal(feast.toordinal() - 1)),
    )


@pytest.mark.parametrize(
    ("month", "day", "on"),
    [
        (8, 15, "2026-09-25"),
        (5, 5, "2026-06-19"),
        (8, 15, "2033-09-08"),
        (12, 30, "2027-02-05"),
        (12, 30, "2026-02-16"),
    ],
)
def test_feasts_fall_on_their_days(month: int, day: int, on: str) -> None:
    """Mid-Autumn, Dragon Boat, the year 2033 that trips calendars, and New Year's Eve in months of 29 days."""
    assert is_on(Calendar.CHINESE, month, day, date.fromisoformat(on))


def test_a_leap_month_has_no_feasts() -> None:
    """2025 has a second sixth month: the 15th of the sixth month is kept once."""
    assert [date(2025, 7, 9)] == [day for day in _days(date(2025, 6, 20), 60) if is_on(Calendar.CHINESE, 6, 15, day)]


def test_who_was_born_on_29_february_has_a_birthday_every_year() -> None:
    """On the 28th, where there is no 29th; and on no other day around."""
    born = date(2000, 2, 29)
    around = [day for year in (2024, 2025, 2026) for day in _days(date(year, 2, 26), 6)]

    assert [date(2024, 2, 29), date(2025, 2, 28), date(2026, 2, 28)] == [
        day for day in around if born in births(Calendar.GREGORIAN, day)
    ]


@pytest.mark.parametrize(
    ("born", "kept"), [("1990-05-05", "2026-05-27"), ("2020-06-10", "2026-06-04"), ("2000-02-04", "2027-02-05")]
)
def test_birthdays_by_the_chinese_calendar(born: str, kept: str) -> None:
    """The 11th of the fourth month; the 19th of the fourth, which was a leap month; the 29th of the twelfth: once a year."""
    day = date.fromisoformat(kept)
    around = _days(day - timedelta(days=33), 66)

    assert [day] == [one for one in around if date.fromisoformat(born) in births(Calendar.CHINESE, one)]


def test_who_was_born_on_the_30th_has_it_on_the_29th_of_a_short_month() -> None:
    """The twelfth month that ends on 2026-02-16 has 29 days."""
    born = date(1995, 1, 30)

    assert [date(2026, 2, 16)] == [one for one in _days(date(2026, 2, 13), 5) if born in births(Calendar.CHINESE, one)]


def test_the_31st_is_the_last_of_a_shorter_month() -> None:
    """A rule for the 31st of February is kept on the 28th or 29th."""
    assert is_on(Calendar.GREGORIAN, 2, 31, date(2028, 2, 29))
    assert not is_on(Calendar.GREGORIAN, 2, 31, date(2028, 2, 28))


def _days(begin: date, count: int) -> list[date]:
    return [begin + timedelta(days=n) for n in range(count)]
