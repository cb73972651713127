"""The last statement of a transaction, which takes the commit along."""

from __future__ import annotations

import asyncio

import pytest

from crmcore.database import Database, UniqueViolation
from crmcore.database.transactions import TransactionMisuse

READ = "select n, 100 / n from counter where id = $1"
ADD = "update counter set n = n + $1"


async def test_it_sees_what_was_written_and_all_is_kept(counter: Database) -> None:
    """Also the first time, when the statement is not prepared yet."""
    for n in (1, 2, 3):
        async with counter.transaction():
            await counter.later(ADD, 1)
            assert [(n, 100 // n)] == await counter.fetch_last(READ, 1)
        assert n == await counter.fetch_value("select n from counter")


async def test_what_fails_before_it_undoes_all(counter: Database) -> None:
    """As with any other statement, and the connection works on."""
    for n in (1, 2, 3):
        async with counter.transaction():
            await counter.later(ADD, 1)
            await counter.fetch_last(READ, 1)
        with pytest.raises(UniqueViolation):
            async with counter.transaction():
                await counter.later("insert into counter (id, n) values ($1, 0)", 1)
                await counter.fetch_last(READ, 1)
        assert [(n, 1)] == await counter.fetch("select n, (select count(*) from counter) from counter")


async def test_its_own_failure_undoes_all(counter: Database) -> None:
    """Nothing is committed by a message of which a part fails."""
    if counter.dialect == "sqlite":
        pytest.skip("SQLite divides by zero")
    for n in (1, 2, 3):
        async with counter.transaction():
            await counter.later(ADD, 1)
            await counter.fetch_last(READ, 1)
        with pytest.raises(Exception, match="division by zero"):
            async with counter.transaction():
                await counter.later("update counter set n = $1", 0)
                await counter.fetch_last(READ, 1)
        assert n == await counter.fetch_value("select n from counter")


async def test_nothing_is_committed_by_a_question_about_types(counter: Database) -> None:
    """The driver asks what a type is before it sends its first value; the commit follows the statement, not that."""
    if counter.dialect == "sqlite":
        pytest.skip("SQLite has no types")
    await counter.script(["create type mood as enum ('good', 'bad')"])
    with pytest.raises(Exception, match="division by zero"):
        async with counter.transaction():
            await counter.later(ADD, 1)
            await counter.fetch_last(
                "select 1 / (n - n) from counter where $1::mood = any($2::mood[])", "good", ["good"]
            )
    assert 0 == await counter.fetch_value("select n from counter")


async def test_nothing_comes_behind_it(counter: Database) -> None:
    """It would stand outside of the transaction; and what the block raises undoes nothing."""
    with pytest.raises(TransactionMisuse, match="has ended"):
        async with counter.transaction():
            await counter.later(ADD, 1)
            await counter.fetch_last(READ, 1)
            await counter.execute(ADD, 10)
    assert 1 == await counter.fetch_value("select n from counter")


async def test_where_it_cannot_be(counter: Database) -> None:
    """Outside of transactions, in a savepoint, and while a task that was started inside uses the transaction."""
    with pytest.raises(LookupError):
        await counter.fetch_last(READ, 1)
    with pytest.raises(TransactionMisuse, match="savepoint"):
        async with counter.transaction(), counter.transaction():
            await counter.fetch_last(READ, 1)
    go = asyncio.Event()

    async def visitor() -> None:
        await counter.execute(ADD, 1)
        go.set()
        await asyncio.sleep(3600)

    async def with_visitor() -> None:
        async with counter.transaction():
            tasks.append(asyncio.create_task(visitor()))
            await go.wait()
            await counter.fetch_last(READ, 1)

    tasks: list[asyncio.Task[None]] = []
    with pytest.raises(TransactionMisuse, match="still runs"):
        await with_visitor()
    tasks[0].cancel()
    assert 0 == await counter.fetch_value("select n from counter")
