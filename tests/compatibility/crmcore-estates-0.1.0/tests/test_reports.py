"""The weekly report to sellers."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from crmcore import Actor, actions
from crmcore.testing import TestCrm

from crmcore_estates.reporting import end_of_week, report

FRIDAY = datetime(2027, 3, 5, 12, tzinfo=UTC)


async def reports(crm: TestCrm) -> list[str]:
    """Return the subjects of the reports that were made."""
    answer = await crm.execute('{ interactions(filter: {kind: {eq: "ESTATE_REPORT"}}) { nodes { subject } } }')
    return [node["subject"] for node in answer["data"]["interactions"]["nodes"]]


async def held(crm: TestCrm, estate: Any, start: datetime) -> None:
    """Have a viewing that was held."""
    viewing = await crm.make("estate_viewing", estate=estate, starts_at=start)
    status = {"status": "HELD"}
    await crm.run(Actor.system(), lambda work: actions.update(work, "estate_viewing", viewing["id"], status))


async def test_monday_morning_tells_of_the_week(crm: TestCrm) -> None:
    """Viewings of the week that has ended count, if they were held, of what is on offer."""
    crm.clock.set(FRIDAY - timedelta(days=10))
    estate = await crm.make("estate", title="Flat")
    await crm.make("estate", title="Draft", status="DRAFT")
    for days in (-9, -1, 0):
        await held(crm, estate, FRIDAY + timedelta(days=days))
    await crm.make("estate_viewing", estate=estate, starts_at=FRIDAY + timedelta(hours=1))
    crm.clock.set(datetime(2027, 3, 8, 7, 1, tzinfo=UTC))
    await crm.work_off()

    assert ["2027-W09: 2 viewings of Flat"] == await reports(crm)


async def test_a_week_is_told_of_once(crm: TestCrm) -> None:
    """A job that runs a second time, after a crash for example, writes nothing more."""
    await crm.make("estate")
    for _ in range(2):
        await crm.put(report())
        await crm.work_off()

    assert 1 == len(await reports(crm))


@pytest.mark.parametrize("day", ["2027-03-01", "2027-03-03", "2027-03-07"])
def test_the_week_is_the_one_that_has_ended(day: str) -> None:
    """Whenever in a week the job runs, it tells of the week before: until Monday, 1 March."""
    assert datetime(2027, 3, 1, tzinfo=UTC) == end_of_week(datetime.fromisoformat(f"{day}T07:00:00Z"))
