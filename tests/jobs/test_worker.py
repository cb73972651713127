"""Workers: what runs beside each other, what is called off, taken over and given back."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextvars import Context
from itertools import pairwise
from typing import Any
from uuid import UUID

import pytest

from crmcore import Actor, Crm, Work
from crmcore.errors import Unavailable
from crmcore.jobs import lease
from crmcore.jobs import worker as worker_module
from crmcore.jobs.claim import Batch, claim
from tests.jobs import shop
from tests.jobs.conftest import cancelled, until, working

State = Callable[[UUID], Awaitable[str | None]]
QUICK = {"lease": 0.3, "stop_timeout": 0.0}


async def test_a_worker_takes_what_is_put_while_it_waits(crm: Crm) -> None:
    """Within moments of the commit, not at its next look."""
    async with working(crm):
        await asyncio.sleep(0)
        async with asyncio.timeout(3):
            await crm.put(shop.note("a"))
            await until(lambda: shop.TOLD == ["a"])


async def test_a_worker_wakes_for_what_is_due_later(crm: Crm) -> None:
    """Nobody need tell it."""
    async with working(crm), asyncio.timeout(4):
        await crm.put(shop.note("a"), delay=0.2)
        await until(lambda: shop.TOLD == ["a"])


async def test_a_job_inherits_nothing_of_whoever_started_the_worker(crm: Crm) -> None:
    """What others keep in context variables is not its concern."""
    shop.REQUEST.set("mine")
    await crm.put(shop.look())
    async with working(crm):
        await until(lambda: shop.TOLD)
    assert ["nobody's"] == shop.TOLD


async def test_no_more_run_at_once_than_the_worker_may(crm: Crm) -> None:
    """The others wait."""
    for _ in range(5):
        await crm.put(shop.hang())
    async with working(crm, concurrency=2):
        await until(lambda: shop.TOLD == ["in", "in"])
        assert 3 == await crm.database.fetch_value("select count(*) from crm_job where state = 1")
        shop.GO.set()
        await until(lambda: len(shop.TOLD) == 10)


@pytest.mark.crm_settings(jobs=QUICK)
async def test_a_running_job_is_called_off(crm: Crm, state: State) -> None:
    """Its worker hears of it at the next beat and cancels it."""
    id = await crm.put(shop.hang())
    async with working(crm):
        await until(lambda: shop.TOLD == ["in"])
        assert await cancelled(crm, id)
        await until(lambda: shop.TOLD == ["in", "out"])
        await until(lambda: _is(state, id, "cancelled"))


@pytest.mark.crm_settings(jobs=QUICK)
async def test_a_worker_that_stops_gives_back_what_needs_longer(crm: Crm) -> None:
    """The job waits again, and the attempt does not count."""
    id = await crm.put(shop.hang())
    async with working(crm):
        await until(lambda: shop.TOLD == ["in"])
    assert ["in", "out"] == shop.TOLD
    sql = "select state, attempts, worker from crm_job where id = $1"
    assert [(1, 0, None)] == await crm.database.fetch(sql, id)
    assert 0 == await crm.database.fetch_value("select count(*) from crm_job_worker")


async def test_running_jobs_get_time_when_a_worker_stops(crm: Crm, state: State) -> None:
    """What ends in that time has ended."""
    id = await crm.put(shop.hang())
    async with working(crm) as worker:
        await until(lambda: shop.TOLD == ["in"])
        worker.stop()
        shop.GO.set()
    assert "done" == await state(id)


@pytest.mark.crm_settings(jobs=QUICK)
async def test_a_worker_that_was_taken_for_dead_lets_go(
    crm: Crm, state: State, caplog: pytest.LogCaptureFixture
) -> None:
    """Its jobs are cancelled, and what it says of them is not written; it goes on under another lease."""
    id = await crm.put(shop.hang())
    async with working(crm):
        await until(lambda: shop.TOLD == ["in"])
        await crm.database.execute("update crm_job_worker set leased_until = 0")
        await lease.release_expired(crm.database)
        await until(lambda: shop.TOLD[:3] == ["in", "out", "in"])
        shop.GO.set()
        await until(lambda: _is(state, id, "done"))
    assert "This worker was taken for dead" in caplog.text
    assert 2 == await crm.database.fetch_value("select attempts from crm_job where id = $1", id)


async def test_a_lease_that_has_ended_cannot_be_renewed(crm: Crm) -> None:
    """Somebody may have taken the jobs already."""
    worker = await lease.take(crm.database, 30)

    assert await lease.renew(crm.database, worker, 30)
    await crm.database.execute("update crm_job_worker set leased_until = 0")
    assert not await lease.renew(crm.database, worker, 30)


async def test_jobs_of_a_dead_worker_wait_again(crm: Crm) -> None:
    """Not before its lease has ended; those of a worker without any lease, too."""
    await crm.put(shop.note("a"))
    worker = await lease.take(crm.database, 30)
    assert 1 == len((await claim(crm.database, worker, 9, 0)).jobs)

    assert 0 == await lease.release_expired(crm.database)
    assert 0 == await crm.jobs.run_due()
    await crm.database.execute("update crm_job_worker set leased_until = 0")
    assert 1 == await crm.jobs.run_due()
    assert ["a"] == shop.TOLD


@pytest.mark.crm_settings(jobs=QUICK)
async def test_a_claim_whose_answer_was_lost_is_given_back(crm: Crm, monkeypatch: pytest.MonkeyPatch) -> None:
    """The database gave the job to the worker, and the worker never heard: it is not kept for ever by its lease."""
    lost: list[UUID] = []

    async def lossy(*asked: Any) -> Batch:
        batch = await claim(*asked)
        if batch.jobs and not lost:
            lost.extend(job.id for job in batch.jobs)
            msg = "The connection to the database is lost."
            raise Unavailable(msg)
        return batch

    monkeypatch.setattr(worker_module, "claim", lossy)
    await crm.put(shop.note("a"))
    async with working(crm):
        await until(lambda: shop.TOLD == ["a"])
    assert 1 == len(lost)


@pytest.mark.crm_settings(jobs=QUICK)
@pytest.mark.parametrize("end", ["given back", "lease lost"])
async def test_what_a_late_answer_gives_is_not_begun(
    crm: Crm, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, end: str
) -> None:
    """Meanwhile the job was given back, or the lease has ended, so that others may have it: they and not this one do it."""
    late: list[Batch] = []

    async def slow(*asked: Any) -> Batch:
        batch = await claim(*asked)
        if batch.jobs and not late:
            late.append(batch)
            if end == "lease lost":
                await crm.database.execute("update crm_job_worker set leased_until = 0")
            word = "they are given back" if end == "given back" else "taken for dead"
            await until(lambda: word in caplog.text)
        return batch

    monkeypatch.setattr(worker_module, "claim", slow)
    caplog.set_level("WARNING", "crmcore.jobs")
    await crm.put(shop.hang())
    async with working(crm):
        await until(lambda: shop.TOLD)
        await asyncio.sleep(0.25)
        shop.GO.set()
        await until(lambda: shop.TOLD[-1] == "out")
    assert ("in", "in") not in pairwise(shop.TOLD)  # not a second time beside it
    assert 1 == len(late[0].jobs)


@pytest.mark.crm_settings(jobs=QUICK)
async def test_what_is_lost_before_it_is_begun_never_is(
    crm: Crm,
    customer: Callable[[str], Awaitable[UUID]],
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """The lease ended while the worker read what the jobs are to be told of."""
    read, done = crm.feed.events, list[int]()

    async def events(ids: Any) -> Any:
        if not done:
            done.append(len(ids))
            await crm.database.execute("update crm_job_worker set leased_until = 0")
            await until(lambda: "taken for dead" in caplog.text)
            await crm.database.execute("update crm_job set run_at = 9e15, state = 0")  # another has it, and puts it off
        return await read(ids)

    monkeypatch.setattr(crm.feed, "events", events)
    caplog.set_level("WARNING", "crmcore.jobs")
    await customer("Ana")
    async with working(crm):
        await until(lambda: done)
        await until(lambda: "taken for dead" in caplog.text)
        await asyncio.sleep(0.1)
    assert [] == shop.TOLD


@pytest.mark.crm_settings(jobs=QUICK)
async def test_events_that_cannot_be_read_are_read_later(
    crm: Crm, customer: Callable[[str], Awaitable[UUID]], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Jobs that were claimed for them wait again at once."""
    read, failed = crm.feed.events, list[int]()

    async def events(ids: Any) -> Any:
        if not failed:
            failed.append(len(ids))
            msg = "The connection to the database is lost."
            raise Unavailable(msg)
        return await read(ids)

    monkeypatch.setattr(worker_module, "_PAUSE", 0.01)
    monkeypatch.setattr(crm.feed, "events", events)
    id = await customer("Ana")
    async with working(crm):
        await until(lambda: shop.TOLD == [id])
    assert [1] == failed


async def test_claims_beside_each_other_never_share_a_job(crm: Crm) -> None:
    """What one is claiming at this moment the other passes over; on PostgreSQL without waiting for it."""
    for n in range(4):
        await crm.put(shop.note(str(n)))
    one, other = [await lease.take(crm.database, 30) for _ in range(2)]

    async with crm.database.transaction():
        first = await claim(crm.database, one, 2, 0)
        beside = asyncio.create_task(claim(crm.database, other, 2, 0), context=Context())
        if crm.database.dialect == "postgresql":
            assert (await asyncio.wait([beside], timeout=5))[0]
    second = await beside
    assert 4 == len({job.id for job in [*first.jobs, *second.jobs]})


async def test_lanes_are_claimed_by_one_at_a_time(crm: Crm) -> None:
    """Whoever comes second sees what the first one started, though it looks at other jobs of the lane only."""
    if crm.database.dialect == "sqlite":
        pytest.skip("SQLite has one writer at a time.")

    async def meanwhile(work: Work) -> None:
        for place in ("A", *map(str, range(60))):
            await work.put(shop.visit(place, 2), at_once=1, priority=9)

    await crm.put(shop.visit("A", 1), at_once=1)
    one, other = [await lease.take(crm.database, 30) for _ in range(2)]
    async with crm.database.transaction():
        first = await claim(crm.database, one, 9, 0)
        await asyncio.create_task(crm.run(Actor.system(), meanwhile), context=Context())
        beside = asyncio.create_task(claim(crm.database, other, 5, 0), context=Context())
        await asyncio.wait([beside], timeout=0.2)
    lanes = [job.lane for job in [*first.jobs, *(await beside).jobs]]
    assert 6 == len(set(lanes)) == len(lanes)


async def test_nothing_runs_unless_it_is_asked_to(crm: Crm, state: State) -> None:
    """A CRM that was only opened does no jobs; background work does them until it is stopped."""
    id = await crm.put(shop.note("a"))
    assert not crm.background.running

    async with crm.background:
        await until(lambda: _is(state, id, "done"))
        assert [] == crm.background.stalled()
    assert not crm.background.running


async def _is(state: State, id: UUID, wanted: str) -> bool:
    return await state(id) == wanted
