"""What a unit of work caused is written by its own transaction, or not at all."""

from __future__ import annotations

from typing import Any

import pytest

from crmcore import Actor, Crm, Row, Work, actions, app, tracing
from crmcore.database import Contention
from crmcore.entities.batch import Mode, batch
from crmcore.errors import Conflict
from crmcore.events.cursor import Cursor
from crmcore.testing.queries import assert_queries

SYSTEM = Actor.system()


async def customer(work: Work, name: str = "Ada") -> Row:
    """Make a customer; an ordered after-handler hears of it."""
    return await actions.create(work, "customer", {"kind": "ORGANIZATION", "display_name": name})


async def told(crm: Crm, start: Cursor) -> list[str]:
    """The customers that events are about."""
    return [one.values()["display_name"] for one in (await crm.feed.read(start)).events]


async def jobs(crm: Crm) -> list[tuple[Any, ...]]:
    """The jobs that wait for after-handlers."""
    return await crm.database.fetch("select name, event_id, lane, ordered, trace from crm_job order by position")


async def test_an_event_and_its_job_are_there_when_the_work_is_done(crm: Crm) -> None:
    """One row in the feed, and one job for each after-handler, ordered by record where asked."""
    start = await crm.feed.end()
    row = await crm.run(SYSTEM, customer)

    (one,) = (await crm.feed.read(start)).events

    assert ["Ada"] == await told(crm, start)
    assert [("gifts.hear", one.id, f"gifts.hear:{row['id']}", True, None)] == [
        (name, event, lane, bool(ordered), trace) for name, event, lane, ordered, trace in await jobs(crm)
    ]


async def test_what_is_refused_leaves_no_event_and_no_job(crm: Crm) -> None:
    """They are part of the transaction that is undone."""
    start = await crm.feed.end()

    async def unit(work: Work) -> None:
        await customer(work)
        msg = "No."
        raise Conflict(msg)

    with pytest.raises(Conflict):
        await crm.run(SYSTEM, unit)

    assert ([], []) == (await told(crm, start), await jobs(crm))


async def test_what_cannot_be_told_has_not_happened(crm: Crm, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without its events nothing is committed, so nothing that others rely on can be missing."""

    async def fail(*_: object) -> bool:
        msg = "The disk is full."
        raise OSError(msg)

    monkeypatch.setattr(app, "flush", fail)

    with pytest.raises(OSError, match="full"):
        await crm.run(SYSTEM, customer)

    assert 0 == await crm.database.fetch_value("select count(*) from customer")


async def test_a_part_that_is_undone_takes_its_events_along(crm: Crm) -> None:
    """In a batch, records that are refused have no events; the others have."""
    start = await crm.feed.end()

    async def unit(work: Work) -> None:
        async def refused() -> Row:
            await customer(work, "Bob")
            msg = "No."
            raise Conflict(msg)

        await batch(work, [lambda: customer(work, "Ada"), refused, lambda: customer(work, "Eve")], Mode.PARTIAL)

    await crm.run(SYSTEM, unit)

    assert (["Ada", "Eve"], 2) == (await told(crm, start), len(await jobs(crm)))


async def test_work_that_repeats_tells_once(crm: Crm) -> None:
    """A unit that the database has run again has the events of its last run only."""
    start, tries = await crm.feed.end(), list[int]()

    async def unit(work: Work) -> None:
        tries.append(1)
        await customer(work, f"Try {len(tries)}")
        if len(tries) == 1:
            msg = "Another transaction got in the way."
            raise Contention(msg)

    await crm.run(SYSTEM, unit)

    assert (["Try 2"], 1) == (await told(crm, start), len(await jobs(crm)))


@pytest.mark.parametrize("count", [2, 30, 120])
async def test_many_events_keep_their_order(crm: Crm, count: int) -> None:
    """Whether they are few, many or very many: as they were emitted, and so are their jobs."""
    start, names = await crm.feed.end(), [f"Customer {n}" for n in range(count)]

    async def unit(work: Work) -> None:
        for name in names:
            await customer(work, name)

    await crm.run(SYSTEM, unit)
    events = (await crm.feed.read(start)).events

    assert names == await told(crm, start)
    assert [one.id for one in events] == [event for _, event, *_ in await jobs(crm)]


async def test_work_without_events_costs_no_statement(crm: Crm) -> None:
    """A unit that only looks is not burdened."""

    async def look(work: Work) -> None:
        await work.find("customer")

    with assert_queries(crm.database, 1):
        await crm.run(SYSTEM, look)


@pytest.mark.parametrize("count", [3, 40])
async def test_on_postgresql_it_is_one_statement(crm: Crm, count: int) -> None:
    """Events and jobs go in one round trip, unless they are very many."""
    if crm.database.dialect == "sqlite":
        pytest.skip("SQLite has no round trips")

    async def unit(work: Work) -> None:
        for n in range(count):
            await customer(work, f"Customer {n}")
        await work.rows("select 1")  # has all that was left until now taken along
        counted.append(crm.database.watch.statements)

    counted: list[int] = []
    await crm.run(SYSTEM, unit)

    assert 1 == crm.database.watch.statements - counted[0]


async def test_the_trace_is_carried_along(crm: Crm, monkeypatch: pytest.MonkeyPatch) -> None:
    """What handlers do later stands in the trace of the request that caused it."""
    start = await crm.feed.end()
    monkeypatch.setattr(tracing, "carried", lambda: "00-trace-span-01")
    await crm.run(SYSTEM, customer)

    (one,) = (await crm.feed.read(start)).events

    assert "00-trace-span-01" == one.trace


async def test_other_processes_are_told_after_the_commit(crm: Crm, monkeypatch: pytest.MonkeyPatch) -> None:
    """The pulse beats when everything can be read, and only if there is something to read."""
    beats: list[bool] = []
    monkeypatch.setattr(crm.pulse, "beat", lambda **_: beats.append(crm.database.in_transaction))

    async def look(work: Work) -> None:
        await work.find("customer")

    await crm.run(SYSTEM, look)
    await crm.run(SYSTEM, customer)

    assert [False] == beats
