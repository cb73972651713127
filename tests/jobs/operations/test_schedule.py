"""Jobs that are put when they are due: once, by whichever process, and what is done about what was missed."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from unittest.mock import AsyncMock

import pytest

from crmcore import Crm, clock
from crmcore.jobs import due
from crmcore.jobs.due import all_due
from crmcore.jobs.schedule import Schedule, by_key
from crmcore.jobs.scheduler import Scheduler
from tests.jobs.operations import weeds

MORNING = "weeds.mow"
OFTEN = "weeds.often"
#: A Thursday.
START = datetime(2026, 3, 26, 5, tzinfo=UTC)


@pytest.fixture
def now() -> Iterator[list[datetime]]:
    """The time, in a list of one that tests change."""
    moved = [START]
    with clock.at(lambda: moved[0]):
        yield moved


def scheduler(crm: Crm, *keys: str) -> Scheduler:
    """The scheduler of one process, with some of the schedules."""
    return Scheduler(crm, {key: crm.schedules[key] for key in keys or (MORNING,)})


async def put(crm: Crm) -> list[tuple[str, datetime]]:
    """Return the jobs that were put, with when they were due."""
    rows = await crm.database.fetch("select key, run_at from crm_job where name = 'weeds.mow' order by position")
    return [(key, datetime.fromtimestamp(at / 1e6, UTC)) for key, at in rows]


async def test_what_is_due_is_put_once_and_done(crm: Crm, now: list[datetime]) -> None:
    """Not when the schedule is seen first, but when it is due, at nine in Berlin."""
    nine = datetime(2026, 3, 26, 8, tzinfo=UTC)
    assert nine == await scheduler(crm).put_due()
    assert [] == await put(crm)
    now[0] = nine + timedelta(seconds=1)
    assert datetime(2026, 3, 27, 8, tzinfo=UTC) == await scheduler(crm).put_due()
    assert [(f"{MORNING} 2026-03-26T08:00:00.000000Z", now[0])] == await put(crm)
    await scheduler(crm).put_due()
    assert 1 == len(await put(crm))
    assert 1 == await crm.jobs.run_due()
    assert [("mown", 1)] == weeds.DONE
    now[0] = datetime(2026, 3, 27, 8, 0, 1, tzinfo=UTC)
    # Summer time has begun by Monday.
    assert datetime(2026, 3, 30, 7, tzinfo=UTC) == await scheduler(crm).put_due()


async def test_many_processes_put_it_once(crm: Crm, now: list[datetime], monkeypatch: pytest.MonkeyPatch) -> None:
    """Even when all look at the same moment, and when one has looked long ago."""
    await scheduler(crm).put_due()
    now[0] = datetime(2026, 3, 26, 8, 0, 1, tzinfo=UTC)
    seen = await all_due(crm.database)
    await asyncio.gather(*(scheduler(crm).put_due() for _ in range(8)))
    assert 1 == len(await put(crm))
    # One that was slow: it looked before the others put it, and goes on when the job has been done.
    await crm.jobs.run_due()
    monkeypatch.setattr(due, "all_due", AsyncMock(return_value=seen))
    await scheduler(crm).put_due()
    assert 1 == len(await put(crm))


async def test_the_last_of_what_was_missed_is_made_up_for(crm: Crm, now: list[datetime]) -> None:
    """A week without a process: one run, which knows the day it is for by its key."""
    await scheduler(crm).put_due()
    now[0] = datetime(2026, 4, 1, 12, tzinfo=UTC)
    await scheduler(crm).put_due()
    assert [f"{MORNING} 2026-04-01T07:00:00.000000Z"] == [key for key, _ in await put(crm)]
    known = (await all_due(crm.database))[MORNING]
    assert datetime(2026, 4, 2, 7, tzinfo=UTC) == known.next_at
    assert datetime(2026, 4, 1, 7, tzinfo=UTC) == known.last_at


async def test_what_was_missed_is_left_out_where_that_is_wanted(crm: Crm, now: list[datetime]) -> None:
    """What is only seconds late is not missed."""
    upcoming = await scheduler(crm, OFTEN).put_due()
    assert upcoming is not None
    now[0] = upcoming + timedelta(minutes=23)
    later = await scheduler(crm, OFTEN).put_due()
    assert later is not None
    assert ([], upcoming + timedelta(minutes=25)) == (await put(crm), later)
    now[0] = later + timedelta(seconds=20)
    await scheduler(crm, OFTEN).put_due()
    assert 1 == len(await put(crm))


async def test_another_time_counts_from_the_change_on(crm: Crm, now: list[datetime]) -> None:
    """A schedule that was changed is due by its new times, and nothing of the old ones is made up for.

    A process that still runs with the old ones does not take that back.
    """
    old = scheduler(crm)
    await old.put_due()
    now[0] = datetime(2026, 3, 26, 9, tzinfo=UTC)
    changed = Schedule(weeds.mow(row=1), cron="30 9 * * *", zone="Europe/Berlin", plugin="weeds")
    assert datetime(2026, 3, 27, 8, 30, tzinfo=UTC) == await Scheduler(crm, {MORNING: changed}).put_due()
    assert await old.put_due() is None
    assert [] == await put(crm)
    now[0] = datetime(2026, 3, 27, 8, 31, tzinfo=UTC)
    await old.put_due()
    await Scheduler(crm, {MORNING: changed}).put_due()
    assert [f"{MORNING} 2026-03-27T08:30:00.000000Z"] == [key for key, _ in await put(crm)]


async def test_a_failure_to_put_leaves_it_due(crm: Crm, now: list[datetime]) -> None:
    """The schedule moves on only with the job it puts."""
    await scheduler(crm).put_due()
    now[0] = datetime(2026, 3, 26, 8, 0, 1, tzinfo=UTC)
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr("crmcore.entities.work.Work.put", _broken)
        with pytest.raises(OSError, match="no room"):
            await scheduler(crm).put_due()
    await scheduler(crm).put_due()
    assert 1 == len(await put(crm))


async def _broken(*_: Any, **__: Any) -> None:
    msg = "no room"
    raise OSError(msg)


async def test_the_scheduler_sleeps_until_something_is_due(crm: Crm) -> None:
    """And puts it then."""
    quick = Schedule(weeds.mow(row=7), every=timedelta(seconds=1), plugin="weeds", name="quick")
    running = asyncio.create_task(Scheduler(crm, {"weeds.quick": quick}).run())
    try:
        async with asyncio.timeout(10):
            while not await put(crm):  # noqa: ASYNC110 - what is waited for happens in the database
                await asyncio.sleep(0.02)
    finally:
        running.cancel()


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (Schedule, "either cron= or every="),
        (lambda call: Schedule(call, cron="* * * * *", every=timedelta(hours=1)), "either cron= or every="),
        (lambda call: Schedule(call, cron="nine o'clock"), "has 2 fields"),
        (lambda call: Schedule(call, cron="0 9 * * *", zone="Europe/Atlantis"), "give an IANA name"),
        (lambda call: Schedule(call, every=timedelta(milliseconds=5)), "a second is the shortest"),
        (lambda call: Schedule(call, every=timedelta(hours=1), missed="twice"), "write once or skip"),
    ],
)
def test_a_schedule_that_cannot_be_is_refused(make: Callable[[Any], Schedule], said: str) -> None:
    """Where it is written, with the way out."""
    with pytest.raises(ValueError, match=said):
        make(weeds.mow())


def test_two_schedules_of_one_job_need_names() -> None:
    """Or nobody would know which was due when."""
    hourly = [Schedule(weeds.mow(row=n), every=timedelta(hours=1), plugin="weeds") for n in (1, 2)]
    problems: list[str] = []
    by_key(hourly, [weeds.mow], problems)
    assert 1 == len(problems)
    assert "two schedules weeds.mow; give one of them a name=" in problems[0]


def test_a_schedule_of_a_job_that_nobody_declares_is_a_problem() -> None:
    """No worker would find it."""
    problems: list[str] = []
    by_key([Schedule(weeds.mow(), every=timedelta(hours=1), plugin="weeds")], [], problems)
    assert [
        "Plugin 'weeds' has a schedule weeds.mow of a job it does not declare; give the job by crm_jobs too."
    ] == problems
