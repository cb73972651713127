"""The pulse."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from time import monotonic

import asyncpg
import pytest

from crmcore.database import Database
from crmcore.events.pulse import Ear, Pulse

_LONG = 5.0


@pytest.fixture
async def pulses(database: Database, database_url: str) -> AsyncIterator[tuple[Pulse, Pulse]]:
    """The pulses of two processes at one database."""
    other = Database.from_url(database_url)
    await other.open()
    both = Pulse(database, _LONG), Pulse(other, _LONG)
    yield both
    for pulse in both:
        await pulse.close()
    await other.close()


async def _settled(ear: Ear) -> None:
    """Wait until the ear hears others, which it says by beats of its own, and is quiet."""
    await ear.next()
    assert await ear.next(_LONG)
    while await ear.next(0.2):
        pass


async def _commit(database: Database, pulse: Pulse) -> None:
    async with database.transaction():
        await database.execute("create table if not exists noted (n integer)")
        await database.execute("insert into noted values (1)")
    pulse.beat()


async def test_first(pulses: tuple[Pulse, Pulse]) -> None:
    """Whoever begins to listen is told to look at once, and then waits."""
    async with pulses[0].listen() as ear:
        assert await ear.next(0)


async def test_same_process(pulses: tuple[Pulse, Pulse]) -> None:
    """A beat is felt in its own process without a round trip, by all who listen, also by who was busy meanwhile."""
    pulse = pulses[0]
    async with pulse.listen() as one, pulse.listen() as other:
        await _settled(one)
        await other.next()
        pulse.beat()
        assert await one.next(0)
        assert await other.next(0)
        assert not await one.next(0.01)


async def test_other_process(pulses: tuple[Pulse, Pulse], database: Database) -> None:
    """A commit is felt in another process long before it would look by itself."""
    async with pulses[1].listen() as ear:
        await _settled(ear)
        started = monotonic()
        await _commit(database, pulses[0])
        assert await ear.next(_LONG)
        assert monotonic() - started < 1.0


async def test_look(database: Database) -> None:
    """Without a beat a listener is told to look after a while; that is all a lost beat costs."""
    pulse = Pulse(database, look=0.05)
    async with pulse.listen() as ear:
        while await ear.next(0.2):
            pass
        assert not await ear.next()


async def test_many_beats(pulses: tuple[Pulse, Pulse], database: Database) -> None:
    """However much is committed, other processes are told at most once in ten milliseconds."""
    if database.dialect == "sqlite":
        return
    before, started = database.watch.statements, monotonic()
    while monotonic() - started < 0.1:
        pulses[0].beat()
        await asyncio.sleep(0)
    await pulses[0].close()
    assert 1 <= database.watch.statements - before <= 12


async def test_own_notices(pulses: tuple[Pulse, Pulse], database: Database) -> None:
    """A process does not wake itself a second time by what it tells others."""
    if database.dialect == "sqlite":
        return
    async with pulses[0].listen() as ear:
        await _settled(ear)
        pulses[0].beat()
        assert await ear.next(0)
        assert not await ear.next(0.2)


async def test_lost_connection(
    pulses: tuple[Pulse, Pulse], database: Database, database_url: str, caplog: pytest.LogCaptureFixture
) -> None:
    """A listening connection that the server ended is made anew: listeners look, and hear again."""
    if database.dialect == "sqlite":
        return
    async with pulses[1].listen() as ear:
        await _settled(ear)
        await _end_listeners(database_url)
        assert await ear.next(_LONG)
        while await ear.next(0.2):
            pass
        pulses[0].beat()
        assert await ear.next(_LONG)
    assert "making a new one" in caplog.text


async def test_last_words(pulses: tuple[Pulse, Pulse], database: Database) -> None:
    """A process that ends right after a commit tells the others before."""
    async with pulses[1].listen() as ear:
        await _settled(ear)
        await _commit(database, pulses[0])
        await pulses[0].close()
        assert await ear.next(1.0)


async def _end_listeners(url: str) -> None:
    connection = await asyncpg.connect(url)
    await connection.execute(
        "select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'crmcore listening'"
    )
    await connection.close()


async def test_who_waits_for_jobs_is_left_alone(pulses: tuple[Pulse, Pulse]) -> None:
    """By a commit without any, in its own process and in others; everybody else hears of it, and all of one with jobs."""
    async with pulses[0].listen(jobs=True) as here, pulses[1].listen(jobs=True) as far, pulses[1].listen() as other:
        await _settled(far)
        for ear in (here, other):
            while await ear.next(0.2):
                pass
        if pulses[0]._database.dialect == "sqlite":  # its file says that it was written to, and no more
            return
        pulses[0].beat(jobs=False)
        assert await other.next(_LONG)
        assert not await far.next(0.2)
        assert not await here.next(0)
        pulses[0].beat(jobs=False)
        pulses[0].beat()
        assert await far.next(_LONG)
        assert await here.next(0)
