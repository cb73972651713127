"""Days, weeks and months from today, and when days begin in a time zone."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from crmcore.errors import Invalid
from crmcore.periods import LONGEST, RelativePeriod, anniversaries, last_days, midnight, next_days

_SATURDAY = date(2026, 1, 31)


@pytest.mark.parametrize(
    ("period", "first", "last"),
    [
        ("TODAY", "2026-01-31", "2026-01-31"),
        ("YESTERDAY", "2026-01-30", "2026-01-30"),
        ("TOMORROW", "2026-02-01", "2026-02-01"),
        ("THIS_WEEK", "2026-01-26", "2026-02-01"),
        ("LAST_WEEK", "2026-01-19", "2026-01-25"),
        ("NEXT_WEEK", "2026-02-02", "2026-02-08"),
        ("THIS_MONTH", "2026-01-01", "2026-01-31"),
        ("LAST_MONTH", "2025-12-01", "2025-12-31"),
        ("NEXT_MONTH", "2026-02-01", "2026-02-28"),
        ("THIS_QUARTER", "2026-01-01", "2026-03-31"),
        ("LAST_QUARTER", "2025-10-01", "2025-12-31"),
        ("NEXT_QUARTER", "2026-04-01", "2026-06-30"),
        ("THIS_YEAR", "2026-01-01", "2026-12-31"),
        ("LAST_YEAR", "2025-01-01", "2025-12-31"),
        ("NEXT_YEAR", "2027-01-01", "2027-12-31"),
    ],
)
def test_a_period_is_a_whole_stretch_of_the_calendar(period: str, first: str, last: str) -> None:
    """Weeks are those of ISO 8601, which begin on Monday."""
    end = date.fromisoformat(last) + timedelta(1)
    assert RelativePeriod[period].days(_SATURDAY) == (date.fromisoformat(first), end)


def test_periods_of_one_unit_follow_each_other_without_gap_on_any_day() -> None:
    """Across leap years and years with 53 weeks."""
    for day in (date(2024, 2, 29), date(2020, 12, 31), date(2021, 1, 3), date(2026, 12, 28)):
        for unit in ("WEEK", "MONTH", "QUARTER", "YEAR"):
            last, this, following = (RelativePeriod[f"{which}_{unit}"].days(day) for which in ("LAST", "THIS", "NEXT"))
            assert last[1] == this[0] <= day < this[1] == following[0]


def test_counted_days_include_today() -> None:
    """One day is today alone, in both directions."""
    assert last_days(_SATURDAY, 1) == next_days(_SATURDAY, 1) == (_SATURDAY, date(2026, 2, 1))
    assert last_days(_SATURDAY, 7) == (date(2026, 1, 25), date(2026, 2, 1))
    assert next_days(_SATURDAY, 7) == (_SATURDAY, date(2026, 2, 7))


@pytest.mark.parametrize("count", [0, -3, LONGEST + 1])
@pytest.mark.parametrize("counted", [last_days, next_days, anniversaries])
def test_no_day_or_more_than_a_century_is_refused(counted: object, count: int) -> None:
    """A negative number does not turn the direction around."""
    with pytest.raises(Invalid, match=f"The number of days is {count}; give 1, which is today alone, to {LONGEST}"):
        counted(_SATURDAY, count)  # type: ignore[operator]


@pytest.mark.parametrize(
    ("today", "count", "found"),
    [
        ("2026-02-27", 1, ["02-27"]),
        ("2026-02-27", 2, ["02-27", "02-28", "02-29"]),
        ("2024-02-27", 2, ["02-27", "02-28"]),
        ("2024-02-29", 1, ["02-29"]),
        ("2026-12-31", 2, ["01-01", "12-31"]),
        ("2100-02-28", 1, ["02-28", "02-29"]),
    ],
)
def test_who_was_born_on_february_29_has_a_birthday_every_year(today: str, count: int, found: list[str]) -> None:
    """On February 28 where there is no other day."""
    assert anniversaries(date.fromisoformat(today), count) == found


def test_a_year_has_everybody_s_anniversary() -> None:
    """However far the days reach."""
    assert len(anniversaries(_SATURDAY, 366)) == len(anniversaries(_SATURDAY, LONGEST)) == 366


@pytest.mark.parametrize(
    ("zone", "day", "begins", "hours"),
    [
        ("UTC", "2026-03-29", "2026-03-29T00:00", 24),
        ("Asia/Shanghai", "2026-03-29", "2026-03-28T16:00", 24),
        ("Europe/Berlin", "2026-03-29", "2026-03-28T23:00", 23),
        ("Europe/Berlin", "2026-10-25", "2026-10-24T22:00", 25),
        ("America/New_York", "2026-03-08", "2026-03-08T05:00", 23),
        # There is no midnight: clocks go from 23:59 to 01:00.
        ("America/Santiago", "2026-09-06", "2026-09-06T04:00", 23),
        # Midnight comes twice: clocks go from 00:59 back to 00:00.
        ("America/Havana", "2026-11-01", "2026-11-01T04:00", 25),
    ],
)
def test_a_day_begins_with_its_first_instant(zone: str, day: str, begins: str, hours: int) -> None:
    """Also where the clocks are changed."""
    here, found = ZoneInfo(zone), date.fromisoformat(day)
    begin = midnight(found, here)
    assert begin == datetime.fromisoformat(begins).replace(tzinfo=UTC)
    assert midnight(found + timedelta(1), here) - begin == timedelta(hours=hours)
    assert begin.astimezone(here).date() == found
    assert (begin - timedelta(microseconds=1)).astimezone(here).date() == found - timedelta(1)
