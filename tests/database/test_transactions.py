"""Transactions: all or nothing, savepoints inside, and nothing left behind whatever ends them."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import suppress
from contextvars import Context

import pytest

from crmcore.database import Database, ReferenceViolation, TransactionMisuse, UniqueViolation


async def count(database: Database) -> int:
    """Return the counter."""
    return int(await database.fetch_value("select n from counter"))


async def add(database: Database, n: int = 1) -> None:
    """Raise the counter."""
    await database.execute("update counter set n = n + $1", n)


async def test_a_block_that_ends_is_kept(counter: Database) -> None:
    """Commit at the end."""
    async with counter.transaction():
        await add(counter)
    assert 1 == await count(counter)


async def test_a_block_that_fails_is_not_kept(counter: Database) -> None:
    """Rollback, and the exception goes on."""
    with pytest.raises(ZeroDivisionError):
        async with counter.transaction():
            await add(counter)
            raise ZeroDivisionError
    assert 0 == await count(counter)
    assert not counter.in_transaction


async def test_an_inner_block_that_fails_is_undone_alone(counter: Database) -> None:
    """A nested transaction is a savepoint."""
    async with counter.transaction():
        await add(counter, 1)
        with suppress(ZeroDivisionError):
            async with counter.transaction():
                await add(counter, 10)
                raise ZeroDivisionError
        await add(counter, 100)
    assert 101 == await count(counter)


async def test_inner_blocks_go_as_deep_as_one_likes(counter: Database) -> None:
    """What an inner block kept goes with the outer one that fails."""
    async with counter.transaction():
        await add(counter, 1)
        with suppress(ZeroDivisionError):
            async with counter.transaction():
                async with counter.transaction():
                    await add(counter, 10)
                async with counter.transaction():
                    await add(counter, 100)
                assert 111 == await count(counter)
                raise ZeroDivisionError
        async with counter.transaction():
            await add(counter, 1000)
    assert 1001 == await count(counter)


async def test_a_failed_statement_in_an_inner_block_leaves_the_outer_one_whole(counter: Database) -> None:
    """How to try what may fail."""
    async with counter.transaction():
        await add(counter)
        with pytest.raises(UniqueViolation):
            async with counter.transaction():
                await counter.execute("insert into counter values (1, 0)")
        await add(counter)
    assert 2 == await count(counter)


async def test_a_failure_caught_without_an_inner_block_spoils_the_transaction(counter: Database) -> None:
    """PostgreSQL would roll back in silence at the end, SQLite keep a half: both say so instead and keep nothing."""
    with pytest.raises(TransactionMisuse, match="nested"):
        async with counter.transaction():
            await add(counter)
            with suppress(UniqueViolation):
                await counter.execute("insert into counter values (1, 0)")
    assert 0 == await count(counter)


async def test_nothing_more_runs_in_a_spoilt_transaction(counter: Database) -> None:
    """The next statement says what went wrong before."""
    with pytest.raises(TransactionMisuse) as said:
        async with counter.transaction():
            with suppress(UniqueViolation):
                await counter.execute("insert into counter values (1, 0)")
            await add(counter)
    assert isinstance(said.value.__cause__, UniqueViolation)


async def test_a_failure_caught_in_an_inner_block_spoils_that_block_alone(counter: Database) -> None:
    """The inner block is undone and says so; the outer one goes on."""
    async with counter.transaction():
        await add(counter)
        with pytest.raises(TransactionMisuse, match="nested"):
            async with counter.transaction():
                await add(counter, 10)
                with suppress(UniqueViolation):
                    await counter.execute("insert into counter values (1, 0)")
        await add(counter, 100)
    assert 101 == await count(counter)


async def test_a_commit_that_fails_leaks_nothing(database: Database, another_database: Callable[..., Database]) -> None:
    """A link checked at the end only: the connection comes back, the context is clean, the next transaction works."""
    narrow: Database = another_database(pool_size=1)
    await database.script(
        [
            "create table parent (id int primary key)",
            "create table child (parent_id int references parent (id) deferrable initially deferred)",
        ]
    )
    for _ in range(3):
        with pytest.raises(ReferenceViolation):
            async with narrow.transaction():
                await narrow.execute("insert into child values (7)")
        assert not narrow.in_transaction
    async with narrow.transaction():
        await narrow.execute("insert into parent values (7)")
        await narrow.execute("insert into child values (7)")
    assert 1 == await narrow.fetch_value("select count(*) from child")


async def test_a_cancelled_block_is_rolled_back(counter: Database) -> None:
    """Cancelled between statements."""
    inside = asyncio.Event()

    async def work() -> None:
        async with counter.transaction():
            await add(counter)
            inside.set()
            await asyncio.Event().wait()

    task = asyncio.create_task(work())
    await inside.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert 0 == await count(counter)
    await add(counter)
    assert 1 == await count(counter)


async def test_a_commit_that_is_cancelled_leaks_nothing(
    database: Database, another_database: Callable[..., Database], crm_dialect: str
) -> None:
    """PostgreSQL: nobody knows whether it happened, so another connection takes its place."""
    if crm_dialect != "postgresql":
        pytest.skip("SQLite commits to the end: test_sqlite.py")
    await database.execute("create table slow (n int)")
    await database.execute(
        "create function wait() returns trigger language plpgsql as $$ begin perform pg_sleep(20); return null; end $$"
    )
    await database.execute(
        "create constraint trigger wait after insert on slow deferrable initially deferred for each row execute function wait()"
    )
    narrow = another_database(pool_size=1)

    async def work() -> None:
        async with narrow.transaction():
            await narrow.execute("insert into slow values (1)")

    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.3):
            await work()
    async with asyncio.timeout(10), narrow.transaction():
        assert 0 == await narrow.fetch_value("select count(*) from slow")


async def test_a_timeout_inside_an_inner_block_undoes_it_alone(counter: Database) -> None:
    """`asyncio.timeout` cancels; the outer transaction goes on."""
    async with counter.transaction():
        await add(counter)
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(None) as limit, counter.transaction():
                await add(counter, 10)
                limit.reschedule(asyncio.get_running_loop().time())
                await asyncio.Event().wait()
        await add(counter, 100)
    assert 101 == await count(counter)


async def test_concurrent_statements_of_one_transaction_take_turns(counter: Database) -> None:
    """`asyncio.gather` inside a transaction works on PostgreSQL too."""
    async with counter.transaction():
        await asyncio.gather(*(add(counter) for _ in range(20)))
        assert 20 == await count(counter)
    assert 20 == await count(counter)


async def test_a_task_may_not_open_a_savepoint_in_anothers_transaction(counter: Database) -> None:
    """Statements of others would fall into it and be undone with it."""

    async def nested() -> None:
        async with counter.transaction():
            await add(counter)

    async with counter.transaction():
        with pytest.raises(TransactionMisuse, match="opens another"):
            await asyncio.create_task(nested())
        await add(counter)
    assert 1 == await count(counter)


async def test_a_task_that_outlives_the_transaction_it_used_spoils_it(counter: Database) -> None:
    """Its writes would be half inside and half outside: nothing is kept, and the message says whose fault it is."""
    used = asyncio.Event()

    async def background() -> None:
        await add(counter)
        used.set()
        await asyncio.Event().wait()

    with pytest.raises(TransactionMisuse, match="the busy one, started inside it, still runs"):
        async with counter.transaction():
            task = asyncio.create_task(background(), name="the busy one")
            await used.wait()
    assert 0 == await count(counter)
    task.cancel()


async def test_a_task_started_inside_gets_an_error_after_the_end(counter: Database) -> None:
    """Rather than writing outside every transaction without knowing."""
    ended = asyncio.Event()

    async def background() -> None:
        await ended.wait()
        await add(counter)

    async with counter.transaction():
        task = asyncio.create_task(background())
    ended.set()
    with pytest.raises(TransactionMisuse, match="has ended"):
        await task
    assert 0 == await count(counter)


async def test_a_task_with_a_context_of_its_own_has_nothing_to_do_with_it(counter: Database) -> None:
    """The way out that the messages name."""
    ended = asyncio.Event()

    async def background() -> None:
        assert not counter.in_transaction
        await ended.wait()
        await add(counter)

    async with counter.transaction():
        task = asyncio.create_task(background(), context=Context())
        await asyncio.sleep(0)
    ended.set()
    await task
    assert 1 == await count(counter)


async def test_in_transaction_says_so(counter: Database) -> None:
    """True inside, false outside."""
    assert not counter.in_transaction
    async with counter.transaction():
        assert counter.in_transaction
    assert not counter.in_transaction


async def test_transactions_of_two_databases_do_not_mix(
    counter: Database, another_database: Callable[..., Database]
) -> None:
    """Each has its own."""
    other: Database = another_database()
    async with counter.transaction():
        await add(counter)
        assert not other.in_transaction
        assert 0 == await count(other)


async def test_writers_take_turns(counter: Database) -> None:
    """Many transactions at once; on SQLite there is one writer, on PostgreSQL the pool is smaller than the crowd."""

    async def once() -> None:
        async with counter.transaction():
            await add(counter)

    await asyncio.gather(*(counter.retrying(once) for _ in range(30)))
    assert 30 == await count(counter)
