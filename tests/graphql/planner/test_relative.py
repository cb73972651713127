"""Filters by where in time something lies from now."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from crmcore import clock
from crmcore.database import ids
from crmcore.graphql.planner import Planner
from crmcore.periods import RelativePeriod
from tests.graphql.planner.conftest import Desk
from tests.graphql.planner.world import ENTITIES, EPOCH, rows, schema

_QUERY = "query ($f: BuyerFilter) { buyers(first: 40, filter: $f) { nodes { id } } }"


async def _found(desk: Desk, filter_: dict[str, Any], now: datetime = EPOCH) -> set[str]:
    with clock.at(lambda: now):
        return {node["id"] for node in (await desk.ask(_QUERY, {"f": filter_}))["buyers"]["nodes"]}


def _such(column: str, test: Any) -> set[str]:
    live = [row for row in rows()["buyer"] if row["deleted_at"] is None and row[column] is not None]
    return {ids.encode("buyer", row["id"]) for row in live if test(row[column])}


def _in_zone(desk: Desk, zone: str) -> ZoneInfo:
    desk.planner = Planner(ENTITIES, schema().graphql, desk.database.dialect, zone=zone)
    return ZoneInfo(zone)


@pytest.mark.parametrize("zone", ["UTC", "Asia/Shanghai", "America/New_York"])
async def test_an_instant_is_within_the_days_of_the_time_zone(desk: Desk, zone: str) -> None:
    """At eight in the evening of January 31 in UTC it is February in Shanghai, and days end at other instants in New York."""
    here, now = _in_zone(desk, zone), datetime(2026, 1, 31, 20, tzinfo=UTC)
    today = now.astimezone(here).date()
    day = timedelta(1)
    for operator, operand, first, after in (
        ("lastDays", 2, today - day, today + day),
        ("nextDays", 1, today, today + day),
        ("during", "YESTERDAY", today - day, today),
    ):
        for name, column in (("createdAt", "created_at"), ("seenAt", "seen_at")):
            expected = _such(column, lambda at: first <= at.astimezone(here).date() < after)  # noqa: B023 - used at once
            assert await _found(desk, {name: {operator: operand}}, now) == expected


async def test_every_period_finds_the_dates_in_it(desk: Desk) -> None:
    """Birthdays of 1978, a record of each month of it seen from then."""
    now = datetime(1978, 2, 28, 12, tzinfo=UTC)
    for period in RelativePeriod:
        first, after = period.days(now.date())
        expected = _such("born_on", lambda day: first <= day < after)  # noqa: B023 - used at once
        assert await _found(desk, {"bornOn": {"during": period.name}}, now) == expected
    assert expected == _such("born_on", lambda day: day.year == 1979)


@pytest.mark.parametrize(
    ("today", "count", "all_of_them"),
    [("2026-02-28", 1, True), ("2026-02-01", 28, True), ("2026-02-01", 27, False), ("2026-03-01", 364, False)],
)
async def test_a_birthday_is_within_some_days_whatever_its_year(
    desk: Desk, today: str, count: int, all_of_them: bool
) -> None:
    """All buyers were born on some February 28."""
    now = datetime.fromisoformat(today).replace(tzinfo=UTC)
    found = await _found(desk, {"bornOn": {"anniversaryWithinDays": count}}, now)
    assert found == (_such("born_on", lambda _: True) if all_of_them else set())


async def test_february_29_counts_as_february_28_in_years_without_it(own_desk: Desk) -> None:
    """And as itself in the others."""
    [someone] = [row["id"] for row in rows()["buyer"]][1:2]
    await own_desk.database.execute("update buyer set born_on = $1 where id = $2", date(1996, 2, 29), someone)
    for today, expected in (("2026-02-28", True), ("2024-02-28", False), ("2024-02-29", True), ("2026-03-01", False)):
        now = datetime.fromisoformat(today).replace(tzinfo=UTC)
        found = await _found(own_desk, {"bornOn": {"anniversaryWithinDays": 1}}, now)
        assert (ids.encode("buyer", someone) in found) is expected


async def test_now_is_told_anew_for_each_request_by_one_plan(desk: Desk) -> None:
    """The plan is kept, the days are not."""
    counts = [
        len(await _found(desk, {"createdAt": {"lastDays": 1}}, datetime(2026, month, day, 12, tzinfo=UTC)))
        for month, day in ((1, 31), (2, 2), (3, 31))
    ]
    assert counts == [3, 3, 0]
    assert desk.planner.plans.misses == 1


async def test_not_is_an_exact_complement(desk: Desk) -> None:
    """Records without the value included."""
    within = {"seenAt": {"lastDays": 1}}
    assert await _found(desk, {"not": within}) == await _found(desk, {}) - await _found(desk, within)


@pytest.mark.parametrize(
    ("filter_", "words"),
    [
        ({"seenAt": {"lastDays": 0}}, "The number of days is 0"),
        ({"bornOn": {"nextDays": -1}}, "The number of days is -1"),
        ({"bornOn": {"anniversaryWithinDays": 40000}}, "to 36525"),
        ({"bornOn": {"during": None}}, "is null"),
    ],
)
async def test_a_number_of_days_that_means_nothing_is_refused(desk: Desk, filter_: dict[str, Any], words: str) -> None:
    """With its place in the arguments."""
    result = await desk.read(_QUERY, {"f": filter_})
    [[name, operators]] = filter_.items()
    [violation] = result.errors[0].extensions["violations"]  # type: ignore[index]
    assert (violation["path"], words in violation["message"]) == (f"filter.{name}.{next(iter(operators))}", True)
    assert desk.statements == []
