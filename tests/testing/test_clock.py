"""The clock of a test."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest

from crmcore import clock
from crmcore.database import ids
from crmcore.settings import Settings
from crmcore.testing import TestCrm

NINE = datetime(2026, 1, 5, 9, tzinfo=UTC)


async def test_a_clock_that_was_set_stands(crm: TestCrm) -> None:
    """What is made then has that instant, in UTC, and moving goes on from there."""
    crm.clock.set(NINE.astimezone(timezone(timedelta(hours=8))))
    ada = await crm.make("customer")
    crm.clock.move(days=1, hours=2, minutes=3, seconds=4)
    eve = await crm.make("customer")

    assert (NINE, NINE + timedelta(days=1, hours=2, minutes=3, seconds=4)) == (ada["created_at"], eve["created_at"])


async def test_a_clock_that_was_moved_goes_on(crm: TestCrm) -> None:
    """It is ahead by so much."""
    before = datetime.now(UTC)
    crm.clock.move(days=30)

    assert timedelta(days=30) <= crm.clock.now() - before < timedelta(days=30, minutes=5)


async def test_ids_tell_the_time_of_the_clock(crm: TestCrm) -> None:
    """Also when it is set to the past: what asks an id when it was made gets the same answer."""
    crm.clock.set(NINE)
    ada = await crm.make("customer")
    eve = await crm.make("customer")

    assert [NINE, NINE] == [ids.made_at(row["id"]) for row in (ada, eve)]
    assert ada["id"] < eve["id"]


async def test_the_clock_goes_right_when_the_crm_is_left(
    crm: TestCrm, crm_model: TestCrm, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Neither instants nor ids of the next test are those of this one."""
    monkeypatch.setattr("crmcore.database.ids._last", 0)  # another test's ids may have been made ahead of time
    last = ids.new()
    async with crm_model.like(Settings(database=crm.settings.database)) as other:
        other.clock.set(datetime(2100, 1, 1, tzinfo=UTC))
        assert 2100 == clock.now().year == ids.made_at(ids.new()).year

    assert 2100 > clock.now().year
    assert last < ids.new() < ids.earliest(clock.now() + timedelta(minutes=1))


async def test_a_naive_instant_is_refused(crm: TestCrm) -> None:
    """It might be anywhere."""
    with pytest.raises(ValueError, match="add tzinfo=UTC"):
        crm.clock.set(datetime(2026, 1, 5))
