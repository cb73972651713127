"""When something is due, told by an oracle that looks at every minute."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crmcore.jobs.timetable import Cron, Every, check_cron, latest

MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
BERLIN = ZoneInfo("Europe/Berlin")

#: Zones, each with the instant of a change: by an hour, by half an hour, at midnight; and a zone without any.
CHANGES = [
    ("Europe/Berlin", datetime(2026, 3, 29, 1, tzinfo=UTC)),
    ("Europe/Berlin", datetime(2026, 10, 25, 1, tzinfo=UTC)),
    ("America/New_York", datetime(2026, 3, 8, 7, tzinfo=UTC)),
    ("America/New_York", datetime(2026, 11, 1, 6, tzinfo=UTC)),
    ("America/Havana", datetime(2026, 3, 8, 5, tzinfo=UTC)),
    ("America/Havana", datetime(2026, 11, 1, 5, tzinfo=UTC)),
    ("Asia/Kathmandu", datetime(2026, 3, 29, 1, tzinfo=UTC)),
]
#: Where clocks change by half an hour, cronsim goes wrong on hours like */2, and on no others.
HALF_HOURS = [
    ("Australia/Lord_Howe", datetime(2026, 4, 4, 15, tzinfo=UTC)),
    ("Australia/Lord_Howe", datetime(2026, 10, 3, 15, 30, tzinfo=UTC)),
]


def field(low: int, high: int, *, stars: bool = True) -> st.SearchStrategy[str]:
    """Texts of a cron field."""
    number = st.integers(low, high)
    listed = st.lists(number, min_size=1, max_size=3, unique=True).map(lambda ns: ",".join(map(str, ns)))
    ranged = st.tuples(number, number).map(lambda ends: f"{min(ends)}-{max(ends)}")
    named = [listed, ranged]
    return st.one_of(st.just("*"), st.integers(2, 20).map("*/{}".format), *named) if stars else st.one_of(named)


ANY = st.tuples(field(0, 59), field(0, 23), st.sampled_from(CHANGES))
NAMED = st.tuples(field(0, 59, stars=False), field(0, 23, stars=False), st.sampled_from(HALF_HOURS))
WHEN = st.one_of(ANY, ANY, NAMED)
Case = tuple[str, str, tuple[str, datetime]]


def members(text: str, low: int, high: int) -> set[int]:
    """Read a field without cronsim."""
    if text.startswith("*"):
        return set(range(low, high + 1, int(text[2:] or 1) if "/" in text else 1))
    found: set[int] = set()
    for part in text.split(","):
        first, _, last = part.partition("-")
        found |= set(range(int(first), int(last or first) + 1))
    return found


def oracle(minute: str, hour: str, zone: ZoneInfo, start: datetime, end: datetime) -> list[datetime]:
    """Due instants in [start, end], by looking at each minute there, and at each minute the zone's clocks could show."""
    minutes, hours = members(minute, 0, 59), members(hour, 0, 23)
    if minute.startswith("*") or hour.startswith("*"):
        every = [start + n * MINUTE for n in range(int((end - start) / MINUTE) + 1)]
        return [at for at in every if (there := at.astimezone(zone)).minute in minutes and there.hour in hours]
    shown = (start - 2 * HOUR).astimezone(zone).replace(tzinfo=None)
    found: set[datetime] = set()
    for n in range(int((end - start) / MINUTE) + 240):
        wall = shown + n * MINUTE
        if wall.minute in minutes and wall.hour in hours:
            while (at := wall.replace(tzinfo=zone).astimezone(UTC)).astimezone(zone).replace(tzinfo=None) != wall:
                wall += MINUTE  # these clocks never show it: the first minute they show after the gap
            found.add(at)
    return sorted(at for at in found if start <= at <= end)


@settings(max_examples=40, deadline=None)
@given(WHEN, st.integers(0, 300))
def test_a_cron_expression_is_due_when_clocks_show_it(case: Case, ahead: int) -> None:
    """Around every change, from any instant on: all that is due comes, in order, and nothing else."""
    minute, hour, (name, change) = case
    zone, begin, end = ZoneInfo(name), change - 3 * HOUR, change + 5 * HOUR
    start = begin + ahead * MINUTE
    expected = [at for at in oracle(minute, hour, zone, begin, end) if at > start]
    timetable, actual, at = Cron(f"{minute} {hour} * * *", zone), list[datetime](), start
    while (at := timetable.after(at)) and at <= end:  # type: ignore[assignment]
        actual.append(at)
    assert expected == actual


@settings(max_examples=40, deadline=None)
@given(WHEN, st.integers(-4 * 3600, 4 * 3600), st.integers(0, 10**6))
def test_what_is_due_next_does_not_depend_on_who_asks_when(case: Case, seconds: int, micros: int) -> None:
    """Between an instant and what is due after it, the answer stays the same: two processes never differ."""
    minute, hour, (name, change) = case
    timetable = Cron(f"{minute} {hour} * * *", ZoneInfo(name))
    start = change + timedelta(seconds=seconds, microseconds=micros)
    due = timetable.after(start)
    assert due is not None
    for part in (0.01, 0.5, 0.99):
        assert due == timetable.after(start + (due - start) * part)


@pytest.mark.parametrize(
    ("expression", "after", "due"),
    [
        # 2026-03-29: from 02:00 to 03:00. 2026-10-25: 03:00 back to 02:00.
        ("30 2 * * *", "2026-03-28T12:00Z", "2026-03-29T01:00Z"),
        ("30 2 * * *", "2026-03-29T01:00Z", "2026-03-30T00:30Z"),
        ("30 2 * * *", "2026-10-24T12:00Z", "2026-10-25T00:30Z"),
        ("30 2 * * *", "2026-10-25T00:30Z", "2026-10-26T01:30Z"),
        ("30 2 * * *", "2026-10-25T01:10Z", "2026-10-26T01:30Z"),
        ("*/30 * * * *", "2026-10-25T00:30Z", "2026-10-25T01:00Z"),
        ("0 9 * * MON-FRI", "2026-03-27T12:00Z", "2026-03-30T07:00Z"),
        ("0 9 1 * *", "2026-03-27T12:00Z", "2026-04-01T07:00Z"),
    ],
)
def test_examples_in_berlin(expression: str, after: str, due: str) -> None:
    """Skipped hours run at once, hours that come twice run once, and office hours are those of the office."""
    assert datetime.fromisoformat(due) == Cron(expression, BERLIN).after(datetime.fromisoformat(after))


@pytest.mark.parametrize(
    ("expression", "said"),
    [
        ("* * * *", "has 4 fields"),
        ("0 * * * * *", "Use every= for seconds"),
        ("61 * * * *", "bad minute"),
        ("@daily", "has 1 fields"),
        ("0 0 30 2 *", "bad day-of-month"),
        ("* * */20 * 1L", "is never due"),
    ],
)
def test_what_is_no_cron_expression_is_refused(expression: str, said: str) -> None:
    """With what is wrong, and an example where that helps."""
    with pytest.raises(ValueError, match=said.replace("*", r"\*")):
        check_cron(expression)


@given(st.timedeltas(timedelta(seconds=1), timedelta(days=40)), st.text(), st.datetimes(timezones=st.just(UTC)))
def test_an_interval_is_due_once_in_any_stretch_of_its_length(step: timedelta, name: str, at: datetime) -> None:
    """From any instant the next is at most one step away, and the one after it exactly one."""
    if at.year in (1, 9999):
        return
    timetable = Every.of(step, name)
    due = timetable.after(at)
    assert due is not None
    assert timedelta(0) < due - at <= step
    assert due + step == timetable.after(due)


def test_intervals_of_different_names_are_due_at_different_moments() -> None:
    """A thousand hourly schedules do not start in one second."""
    assert len({Every.of(timedelta(hours=1), f"s{n}").offset for n in range(1000)}) > 800


@settings(max_examples=40, deadline=None)
@given(ANY, st.integers(-300, 300))
def test_the_latest_is_the_last_that_came(case: Case, ahead: int) -> None:
    """However long nobody looked: the last instant that is not in the future."""
    minute, hour, (name, change) = case
    timetable, until = Cron(f"{minute} {hour} * * *", ZoneInfo(name)), change + ahead * MINUTE
    first = timetable.after(change - 100 * HOUR)
    assert first is not None
    found = latest(timetable, first, until)
    following = timetable.after(found)
    assert following is not None
    assert found <= until < following


def test_the_latest_of_a_year_is_found_quickly() -> None:
    """A year of minutes asks a handful of times."""
    asked = 0

    class Counted(Cron):
        def after(self, instant: datetime) -> datetime | None:
            nonlocal asked
            asked += 1
            return super().after(instant)

    minutely = Counted("* 9-17 * * MON-FRI", BERLIN)
    until = datetime(2026, 6, 1, 3, tzinfo=UTC)
    assert datetime(2026, 5, 29, 15, 59, tzinfo=UTC) == latest(minutely, datetime(2025, 6, 2, 7, 0, tzinfo=UTC), until)
    assert asked < 800


def test_instants_are_a_steady_row() -> None:
    """Through a change every quarter of an hour stays a quarter of an hour."""
    timetable, at = Cron("*/15 * * * *", BERLIN), datetime(2026, 10, 24, 22, tzinfo=UTC)
    row = [at := timetable.after(at) for _ in range(20)]  # type: ignore[assignment,arg-type]
    assert {timedelta(minutes=15)} == {b - a for a, b in pairwise(row)}
