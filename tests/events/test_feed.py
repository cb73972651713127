"""The change feed: everything that was committed, once, in one order, whoever writes meanwhile."""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from crmcore import Actor, Crm, Row, Work, actions, clock
from crmcore.errors import Invalid
from crmcore.events import statements
from crmcore.events.cursor import START, Cursor
from crmcore.events.flush import flush
from crmcore.events.recorded import Recorded
from crmcore.events.state import settle_era

SYSTEM = Actor.system()


async def team(work: Work, name: str = "Sales") -> Row:
    """Make a team."""
    return await actions.create(work, "team", {"name": name})


@asynccontextmanager
async def unfinished(crm: Crm, name: str) -> AsyncIterator[None]:
    """Make a team by a unit of work that has written everything and commits at the end of the block."""

    async def unit(ready: asyncio.Event, go_on: asyncio.Event) -> None:
        work = Work(crm.database, crm.entities, crm.registries, crm.handlers, SYSTEM, crm.settings)
        async with crm.database.transaction():
            await team(work, name)
            await flush(work, crm.event_types, crm.handlers)
            # What is left for the commit goes out with any statement.
            await crm.database.fetch_value("select 1")
            ready.set()
            await go_on.wait()

    ready, go_on = asyncio.Event(), asyncio.Event()
    task = asyncio.create_task(unit(ready, go_on))
    await ready.wait()
    yield
    go_on.set()
    await task


def names(page: Any) -> list[str]:
    """The teams that events are about."""
    return [one.values()["name"] for one in page.events]


async def test_what_was_committed_is_read_once_and_in_order(crm: Crm) -> None:
    """Page by page, each begins after the one before; the last says where to go on."""
    start = await crm.feed.end()
    for n in range(5):
        await crm.run(SYSTEM, lambda work, n=n: team(work, f"Team {n}"))  # type: ignore[misc]

    first = await crm.feed.read(start, limit=2)
    second = await crm.feed.read(first.cursor, limit=2)
    third = await crm.feed.read(second.cursor, limit=2)

    assert [f"Team {n}" for n in range(5)] == names(first) + names(second) + names(third)
    assert (True, True, False) == (first.more, second.more, third.more)
    assert third.events[-1].cursor <= third.cursor <= await crm.feed.end()
    assert [] == (await crm.feed.read(third.cursor)).events


async def test_a_full_page_at_the_end_has_no_more(crm: Crm) -> None:
    """As many events as asked for and not one more."""
    start = await crm.feed.end()
    await crm.run(SYSTEM, team)

    assert not (await crm.feed.read(start, limit=1)).more


async def test_who_and_why_are_recorded(crm: Crm) -> None:
    """Actor, time, request and key stand with each event."""
    start = await crm.feed.end()
    row = await crm.run(SYSTEM, team, request_id="req", idempotency_key="key")

    (one,) = (await crm.feed.read(start)).events

    assert ("team.created", "team", row["id"], row["created_at"]) == (one.type, one.entity, one.record_id, one.at)
    assert ('{"type":"SYSTEM","id":null,"label":"crmcore"}', "req", "key") == (
        one.actor,
        one.request_id,
        one.idempotency_key,
    )
    assert one == await crm.feed.event(one.id)


async def test_the_feed_is_filtered_and_goes_on_after_what_it_left_out(crm: Crm) -> None:
    """By type, by entity and by record; the cursor is past everything that was looked at."""
    start = await crm.feed.end()
    first, _ = await crm.run(SYSTEM, team), await crm.run(SYSTEM, lambda work: team(work, "Service"))
    await crm.run(SYSTEM, lambda work: actions.update(work, "team", first["id"], {"name": "Marketing"}))
    end = await crm.feed.end()

    by_type = await crm.feed.read(start, types=["team.updated", "team.deleted"])
    by_entity = await crm.feed.read(start, entity="customer")
    by_record = await crm.feed.read(start, entity="team", record_id=first["id"])

    assert (["Marketing"], []) == (names(by_type), names(by_entity))
    assert ["Sales", "Marketing"] == names(by_record)
    assert all(page.cursor >= end and not page.more for page in (by_type, by_entity, by_record))


async def test_a_search_for_few_events_looks_through_a_window(crm: Crm, monkeypatch: pytest.MonkeyPatch) -> None:
    """It does not read the feed to its end at once; the next page goes on after the window."""
    monkeypatch.setattr(statements, "WINDOW", 2)
    statements.read.cache_clear()
    start = await crm.feed.end()
    for n in range(4):
        await crm.run(SYSTEM, lambda work, n=n: team(work, f"Team {n}"))  # type: ignore[misc]
    await crm.run(SYSTEM, lambda work: actions.create(work, "customer", {"kind": "PERSON", "family_name": "Ada"}))

    pages = [await crm.feed.read(start, entity="customer")]
    while pages[-1].more:
        pages.append(await crm.feed.read(pages[-1].cursor, entity="customer"))

    statements.read.cache_clear()
    assert [0, 0, 1] == [len(page.events) for page in pages]


async def test_a_slower_transaction_is_not_skipped(crm: Crm) -> None:
    """The naive reader (`position > cursor`) loses what a slower transaction wrote earlier; the feed waits for it."""
    if crm.database.dialect == "sqlite":
        pytest.skip("SQLite has one writer at a time")
    start, naive = await crm.feed.end(), await crm.database.fetch_value("select max(position) from crm_event")
    position = "select position from crm_event where position > $1 order by position"

    async with unfinished(crm, "Slow"):
        await crm.run(SYSTEM, lambda work: team(work, "Fast"))
        seen_naively = await crm.database.fetch(position, naive)
        held_back = await crm.feed.read(start)
    seen_naively += await crm.database.fetch(position, seen_naively[-1][0])
    lost = set(await crm.database.fetch(position, naive)) - set(seen_naively)
    found = await crm.feed.read(held_back.cursor)

    assert 1 == len(lost)
    assert ([], True, False) == (names(held_back), held_back.unsettled, held_back.more)
    assert (["Slow", "Fast"], False) == (names(found), found.unsettled)


async def test_a_cursor_is_an_event_and_no_number_that_a_crash_gives_out_again(crm: Crm) -> None:
    """PostgreSQL forgets numbers of rolled-back transactions in a crash; what commits next may have one of them.

    A cursor that names such a number lies before those events, and its reader never sees them. `tests/faults` found it.
    """
    await crm.run(SYSTEM, team)
    last = (await crm.feed.read(None)).events[-1].cursor
    with suppress(ZeroDivisionError):
        async with crm.database.transaction():
            await crm.database.execute("update crm_feed_state set era = era")  # what writes takes a number
            raise ZeroDivisionError
    pages = [await crm.feed.read(after) for after in (None, last)]
    assert [last, last, last] == [await crm.feed.end(), *(page.cursor for page in pages)]


async def test_a_reader_beside_many_writers_gets_everything_once(crm: Crm) -> None:
    """Nothing is lost, doubled or out of order, and the changes of one record come in the order of its versions."""
    start, dice = await crm.feed.end(), random.Random(4)
    shared = (await crm.run(SYSTEM, lambda work: team(work, "Shared")))["id"]

    async def write(n: int) -> None:
        async def unit(work: Work) -> None:
            await team(work, f"Team {n}")
            await asyncio.sleep(dice.random() / 100)
            if n % 4 == 0:
                await actions.update(work, "team", shared, {"name": f"Shared {n}"})

        await crm.run(SYSTEM, unit)

    async def read() -> None:
        cursor = start
        while not (done.is_set() and cursor >= await crm.feed.end()):
            page = await crm.feed.read(cursor, limit=7)
            found.extend(page.events)
            cursor = page.cursor
            await asyncio.sleep(0)  # SQLite may answer at once, and the writers want their turn

    found: list[Recorded] = []
    done = asyncio.Event()
    reader = asyncio.create_task(read())
    await asyncio.gather(*(write(n) for n in range(40)))
    done.set()
    await asyncio.wait_for(reader, 20)

    cursors = [one.cursor for one in found]
    changes = [one for one in found if one.record_id == shared]
    assert sorted(set(cursors)) == cursors
    assert sorted(f"Team {n}" for n in range(40)) == sorted(
        one.values()["name"] for one in found if one.record_id != shared
    )
    assert list(range(1, 12)) == [one.values()["version"] for one in changes]


class TestEras:
    """A dump that is restored on another server brings numbers of transactions that mean nothing there."""

    async def test_what_happens_afterwards_comes_after(self, crm: Crm) -> None:
        """A new era begins, once; a cursor from before goes on."""
        if crm.database.dialect == "sqlite":
            pytest.skip("SQLite does not count transactions")
        await crm.run(SYSTEM, team)
        await crm.database.execute("update crm_event set transaction_id = transaction_id + 1000000")
        before = (
            await crm.database.fetch("select era, max(transaction_id), max(position) from crm_event group by era")
        )[0]

        await settle_era(crm.database)
        await settle_era(crm.database)
        await crm.run(SYSTEM, lambda work: team(work, "After"))
        page = await crm.feed.read(Cursor(*before))

        assert ["After"] == names(page)
        assert 1 == page.events[0].cursor.era

    async def test_an_ordinary_start_begins_none(self, crm: Crm) -> None:
        """The same server goes on counting."""
        await crm.run(SYSTEM, team)

        await settle_era(crm.database)

        assert 0 == (await crm.feed.end()).era


async def test_a_cursor_that_is_ahead_is_refused(crm: Crm) -> None:
    """It is another database's, or this one is an older copy: to wait for the numbers to come would lose changes."""
    end = await crm.feed.end()

    with pytest.raises(Invalid, match="is ahead of this database") as refused:
        await crm.feed.read(replace(end, position=end.position + 1_000_000))

    assert "CURSOR_AHEAD" == refused.value.violations[0].code


async def test_reading_can_begin_at_an_instant(crm: Crm) -> None:
    """All events from then on come, those before do not."""
    await crm.run(SYSTEM, lambda work: team(work, "Before"))
    later = clock.now() + timedelta(hours=2)
    with clock.at(lambda: later):
        await crm.run(SYSTEM, lambda work: team(work, "After"))
    end = await crm.feed.end()

    assert ["After"] == names(await crm.feed.read(await crm.feed.since(later)))
    assert ["After"] == names(await crm.feed.read(await crm.feed.since(later - timedelta(minutes=90))))
    assert end <= await crm.feed.since(later + timedelta(seconds=1))
    assert START < await crm.feed.since(later)


async def test_the_feed_is_read_by_its_index(crm: Crm) -> None:
    """However long it is, a page costs what a page costs: no sort, no scan."""
    if crm.database.dialect == "sqlite":
        pytest.skip("the position is the table's own order")
    sql = statements.read("postgresql", False, False, False)
    await crm.database.execute(
        "insert into crm_event (era, transaction_id, id, type, entity, record_id, at, actor) "
        "select 0, 3, gen_random_uuid(), 'x', 'x', gen_random_uuid(), now(), '{}' from generate_series(1, 5000)"
    )
    await crm.database.execute("analyze crm_event")

    plan = "\n".join(line for (line,) in await crm.database.fetch(f"explain {sql}", 0, 3, 4000, 10))

    assert "Sort" not in plan
    assert "Seq Scan on crm_event" not in plan
