"""Doing it again when somebody else was at the same rows."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import pytest

from crmcore.database import Contention, Database
from crmcore.errors import Unavailable


async def raise_by_one(database: Database) -> None:
    """Read, think, write: what loses updates where nobody looks after it."""
    async with database.transaction():
        n = await database.fetch_value("select n from counter where id = 1")
        await asyncio.sleep(0)
        await database.execute("update counter set n = $1 where id = 1", n + 1)


async def test_read_modify_write_loses_nothing(counter: Database) -> None:
    """Eight tasks, twenty times each, on one row (read committed would keep 24 of 160)."""

    async def worker() -> None:
        for _ in range(20):
            await counter.retrying(lambda: raise_by_one(counter))

    await asyncio.gather(*(worker() for _ in range(8)))
    assert 160 == await counter.fetch_value("select n from counter")


async def test_two_processes_worth_of_writers_lose_nothing(
    counter: Database, another_database: Callable[..., Database]
) -> None:
    """Two `Database` objects share nothing but the data."""
    other = another_database()

    async def worker(database: Database) -> None:
        for _ in range(10):
            await database.retrying(lambda: raise_by_one(database))

    await asyncio.gather(worker(counter), worker(other), worker(counter), worker(other))
    assert 40 == await counter.fetch_value("select n from counter")


async def test_deadlocks_are_tried_again(counter: Database) -> None:
    """Two transactions take the same two rows in opposite order."""
    await counter.execute("insert into counter values (2, 0)")
    both = asyncio.Barrier(2)

    async def cross(first: int, second: int) -> None:
        async with counter.transaction():
            await counter.execute("update counter set n = n + 1 where id = $1", first)
            with_other = asyncio.create_task(asyncio.wait_for(_meet(both), 0.2))
            await asyncio.gather(with_other, return_exceptions=True)
            await counter.execute("update counter set n = n + 1 where id = $1", second)

    await asyncio.gather(counter.retrying(lambda: cross(1, 2)), counter.retrying(lambda: cross(2, 1)))
    assert [(2,), (2,)] == await counter.fetch("select n from counter")


async def _meet(barrier: asyncio.Barrier) -> None:
    try:
        await barrier.wait()
    except asyncio.BrokenBarrierError:
        return


async def test_it_gives_up_with_a_refusal(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    """What never works becomes UNAVAILABLE."""
    monkeypatch.setattr("crmcore.database.retrying._LONGEST_WAIT", 0.0)
    tried = []

    async def never() -> None:
        tried.append(1)
        raise Contention("No.")

    with pytest.raises(Unavailable):
        await database.retrying(never)
    assert 16 == len(tried)


async def test_other_failures_are_not_tried_again(database: Database) -> None:
    """A bug stays a bug."""
    tried = []

    async def wrong() -> None:
        tried.append(1)
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await database.retrying(wrong)
    assert 1 == len(tried)


async def test_inside_a_transaction_it_only_calls(database: Database) -> None:
    """Only the outermost unit can be repeated: its transaction is the one that failed."""
    tried = []

    async def never() -> None:
        tried.append(1)
        raise Contention("No.")

    with pytest.raises(Contention):
        async with database.transaction():
            await database.retrying(never)
    assert 1 == len(tried)
