"""Lanes: at most so many at once, one after the other, so many a second."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from time import monotonic
from typing import Any
from uuid import UUID

from crmcore import Actor, Crm, Work, actions, ids
from crmcore.jobs.claim import claim
from crmcore.jobs.lanes import Lane, decide
from crmcore.jobs.lease import take
from tests.jobs import shop
from tests.jobs.conftest import Clock, cancelled, until, working

NOW = 1_000_000


def ready(lane: str, position: int, **limits: Any) -> dict[str, Any]:
    """A ready job as `decide` gets it."""
    return {
        "id": ids.new(),
        "lane": lane,
        "position": position,
        "at_once": None,
        "ordered": False,
        "spacing": None,
    } | limits


def test_a_lane_starts_as_many_as_it_may() -> None:
    """What is beyond that is parked; what is beyond what the worker can take is left to others."""
    jobs = [ready("a", n, at_once=3) for n in range(4)] + [ready("b", 9, at_once=1)]

    made = decide(jobs, {"a": Lane(1, 0), "b": Lane(0, 9)}, NOW, 2)
    assert {jobs[0]["id"]: None, jobs[1]["id"]: None} == made.start
    assert [jobs[2]["id"], jobs[3]["id"]] == made.park


def test_only_the_head_of_an_ordered_lane_starts() -> None:
    """Whatever comes before it, waiting for its time or running."""
    jobs = [ready("a", 5, ordered=True, at_once=1), ready("b", 6, ordered=True, at_once=1)]

    made = decide(jobs, {"a": Lane(0, 3), "b": Lane(0, 6)}, NOW, 9)
    assert ([jobs[1]["id"]], [jobs[0]["id"]]) == ([*made.start], made.park)


def test_a_rate_spaces_starts_evenly() -> None:
    """Those that start soon are taken now, one waits for its time, and the others for that one."""
    jobs = [ready("a", n, spacing=150_000) for n in range(5)]

    made = decide(jobs, {"a": Lane(0, 0, None, NOW + 50_000)}, NOW, 9)
    assert {jobs[0]["id"]: NOW + 50_000, jobs[1]["id"]: NOW + 200_000} == made.start
    assert {jobs[2]["id"]: NOW + 350_000} == made.later
    assert [jobs[3]["id"], jobs[4]["id"]] == made.park
    assert {"a": NOW + 350_000} == made.paces


async def test_two_workers_never_do_more_of_a_lane_than_it_may(crm: Crm) -> None:
    """However many they claim at once, and beside each other."""

    async def unit(work: Work) -> None:
        for day in range(6):
            for place in "ABC":
                await work.put(shop.visit(place, day))

    await crm.run(Actor.system(), unit)
    workers = [await take(crm.database, 30) for _ in range(4)]
    batches = await asyncio.gather(*(claim(crm.database, worker, 4, 2**60) for worker in workers))
    lanes = [job.lane for batch in batches for job in batch.jobs]
    assert dict.fromkeys(lanes, 2) == {lane: lanes.count(lane) for lane in lanes}
    assert 3 == len(set(lanes))


async def test_all_of_a_lane_is_done(crm: Crm) -> None:
    """Each end lets the next one be ready; nothing stays parked."""

    async def unit(work: Work) -> None:
        for day in range(20):
            await work.put(shop.visit("A", day))
            await work.put(shop.deliver("B", day))

    await crm.run(Actor.system(), unit)
    async with working(crm, concurrency=7), working(crm, concurrency=3):
        await until(lambda: len(shop.TOLD) == 40)
    assert [("B", day) for day in range(20)] == [told for told in shop.TOLD if told[0] == "B"]


async def test_a_failing_head_holds_up_its_lane_until_it_is_dead(crm: Crm, time: Clock) -> None:
    """Another lane goes on meanwhile."""
    await crm.put(shop.deliver("A", 1, fails=True))
    await crm.put(shop.deliver("A", 2))
    await crm.put(shop.deliver("B", 1))

    await crm.jobs.run_due()
    assert [("A", 1), ("B", 1)] == sorted(shop.TOLD)
    time.forward(5)
    await crm.jobs.run_due()
    assert [("A", 1), ("A", 2)] == shop.TOLD[2:]


async def test_a_cancelled_head_lets_its_lane_go_on(crm: Crm) -> None:
    """Whoever ends a job of a lane leaves a note."""
    first = await crm.put(shop.deliver("A", 1), delay=3600)
    await crm.put(shop.deliver("A", 2))

    assert 0 == await crm.jobs.run_due()
    assert await cancelled(crm, first)
    await crm.jobs.run_due()
    assert [("A", 2)] == shop.TOLD


async def test_a_rate_holds(crm: Crm) -> None:
    """Ten a second: the fifth starts 0.4 s after the first, not earlier, and not much later."""
    started = monotonic()
    async with working(crm):
        for _ in range(5):
            await crm.put(shop.ring())
        await until(lambda: len(shop.TOLD) == 5)
    assert 0.4 <= monotonic() - started


async def rename(crm: Crm, id: UUID, name: str) -> None:
    """Give a customer another name."""
    await crm.run(Actor.system(), lambda work: actions.update(work, "customer", id, {"display_name": name}))


async def test_a_records_events_are_told_in_order(
    crm: Crm, time: Clock, customer: Callable[[str], Awaitable[UUID]]
) -> None:
    """An ordered handler hears of them as they were committed, whatever fails meanwhile; other records go on."""
    ana, ben = await customer("Ana"), await customer("Ben")
    await crm.jobs.run_due()
    shop.TOLD.clear()
    shop.DEAF.add("Ana 1")
    for id, name in ((ana, "Ana 1"), (ana, "Ana 2"), (ben, "Ben 1"), (ana, "Ana 3")):
        await rename(crm, id, name)

    await crm.jobs.run_due()
    assert ["Ben 1"] == shop.TOLD
    shop.DEAF.clear()
    time.forward(5)
    await crm.jobs.run_due()
    assert ["Ben 1", "Ana 1", "Ana 2", "Ana 3"] == shop.TOLD
