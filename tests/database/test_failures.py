"""What the databases say when they refuse, in one language."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable
from contextvars import Context
from uuid import UUID

import pytest

from crmcore import clock
from crmcore.database import Contention, Database, ReferenceViolation, StatementTimeout, UniqueViolation, ids
from crmcore.errors import Invalid, Unavailable

Another = Callable[..., Database]


async def add_author(database: Database, name: str, email: str | None = None) -> UUID:
    """Write an author."""
    id = ids.new()
    await database.execute("insert into author (id, name, email) values ($1, $2, $3)", id, name, email)
    return id


async def add_book(database: Database, author: UUID, title: str) -> UUID:
    """Write a book."""
    id = ids.new()
    await database.execute("insert into book (id, author_id, title) values ($1, $2, $3)", id, author, title)
    return id


async def test_a_taken_key_says_index_table_and_columns(library: Database) -> None:
    """Each database tells half; the declaration tells the rest."""
    author = await add_author(library, "Ana")
    await add_book(library, author, "One")
    with pytest.raises(UniqueViolation) as said:
        await add_book(library, author, "One")
    assert ("book_author_id_title_key", "book", ("author_id", "title")) == (
        said.value.constraint,
        said.value.table,
        said.value.columns,
    )


async def test_a_taken_key_of_live_rows_says_so_too(library: Database) -> None:
    """A partial index is a key like any other; rows outside it do not count."""
    first = await add_author(library, "Ana", "a@b")
    with pytest.raises(UniqueViolation) as said:
        await add_author(library, "Bo", "a@b")
    assert ("author_email_key", "author", ("email",)) == (said.value.constraint, said.value.table, said.value.columns)
    await library.execute("update author set deleted_at = $2 where id = $1", first, clock.now())
    await add_author(library, "Bo", "a@b")


async def test_a_taken_key_over_an_expression_says_index_and_declared_key(library: Database) -> None:
    """The key is the expression."""
    await add_author(library, "Ana")
    with pytest.raises(UniqueViolation) as said:
        await add_author(library, "ANA")
    assert ("author_name_folded_key", "author", ("lower(name)",)) == (
        said.value.constraint,
        said.value.table,
        said.value.columns,
    )


async def test_a_taken_id_is_a_taken_key(library: Database) -> None:
    """A client may supply ids, so they may be taken."""
    id = await add_author(library, "Ana")
    with pytest.raises(UniqueViolation) as said:
        await library.execute("insert into author (id, name) values ($1, 'Bo')", id)
    assert ("author", ("id",)) == (said.value.table, said.value.columns)


async def test_a_link_to_nowhere(library: Database) -> None:
    """The target is missing."""
    with pytest.raises(ReferenceViolation):
        await add_book(library, ids.new(), "One")


async def test_a_target_that_is_needed(library: Database) -> None:
    """RESTRICT: the target may not go."""
    author = await add_author(library, "Ana")
    await add_book(library, author, "One")
    with pytest.raises(ReferenceViolation):
        await library.execute("delete from author where id = $1", author)


async def test_a_statement_that_takes_too_long_is_ended(another_database: Another) -> None:
    """It is a refusal that says so, and the connection works on."""
    database = another_database(statement_timeout=0.2, pool_size=1)
    await database.open()
    with pytest.raises(StatementTimeout, match="ask for less"):
        await database.fetch(endless(database))
    assert 1 == await database.fetch_value("select 1")


async def test_a_write_that_takes_too_long_spoils_its_transaction(counter: Database, another_database: Another) -> None:
    """SQLite rolls the transaction back by itself then; nothing after it may write alone."""
    database = another_database(statement_timeout=0.2)
    with pytest.raises(StatementTimeout):
        async with database.transaction():
            await database.execute("update counter set n = 1")
            await database.execute(f"update counter set n = (select count(*) from ({endless(database)}) x)")
    assert 0 == await counter.fetch_value("select n from counter")


@pytest.mark.parametrize("turns", [0, 1, 2, 3, 5, 10, 100, 1000])
async def test_a_cancelled_statement_stops(another_database: Another, turns: int) -> None:
    """Whoever goes away takes the work along, at whatever stage it is: the only connection answers the next one."""
    database = another_database(pool_size=1)
    await database.open()
    task = asyncio.create_task(database.fetch(endless(database)))
    for _ in range(turns):
        await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    async with asyncio.timeout(10):
        assert 1 == await database.fetch_value("select 1")


def endless(database: Database) -> str:
    """Return a query that takes hours."""
    if database.dialect == "sqlite":
        return "with recursive n (x) as (select 1 union all select x + 1 from n) select x from n where x < 0"
    return "select 1 from generate_series(1, 1000000000) a, generate_series(1, 1000000000) b where a.a < 0"


async def test_waiting_for_a_connection_ends_with_a_refusal(another_database: Another) -> None:
    """Everybody gets an answer, if only that all were busy."""
    database = another_database(pool_size=1, statement_timeout=0.1)
    await database.open()
    async with database.transaction():
        await database.fetch("select 1")
        with pytest.raises(Unavailable, match=r"\(1\) were busy for 0.1 s"):
            await asyncio.create_task(_transaction(database), context=Context())


async def _transaction(database: Database) -> None:
    async with database.transaction():
        await database.fetch("select 1")


async def test_a_writer_in_another_process_is_waited_for_and_then_told(
    counter: Database, another_database: Another, crm_dialect: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """SQLite: the file has one writer, whichever process it is in."""
    if crm_dialect != "sqlite":
        pytest.skip("about SQLite")
    monkeypatch.setattr("crmcore.database.sqlite.statements.PATIENCE", 0.05)
    other = another_database()
    await other.open()
    async with counter.transaction():
        with pytest.raises(Contention, match="Another process"):
            await other.execute("update counter set n = 1")
        with pytest.raises(Contention, match="Another process"):
            async with other.transaction():
                pass
    await other.execute("update counter set n = 1")


async def test_a_connection_the_server_ended_is_replaced(another_database: Another, crm_dialect: str) -> None:
    """PostgreSQL: after a restart the first answer may be a refusal, the second is right."""
    if crm_dialect != "postgresql":
        pytest.skip("about PostgreSQL")
    one, other = another_database(pool_size=1), another_database(pool_size=1)
    pid = await one.fetch_value("select pg_backend_pid()")
    await other.fetch("select pg_terminate_backend($1)", pid)
    try:
        assert pid != await one.fetch_value("select pg_backend_pid()")
    except Unavailable:
        assert pid != await one.fetch_value("select pg_backend_pid()")


async def test_a_connection_lost_inside_a_transaction_is_a_refusal(another_database: Another, crm_dialect: str) -> None:
    """PostgreSQL: the transaction is gone with it, and the next one has a new connection."""
    if crm_dialect != "postgresql":
        pytest.skip("about PostgreSQL")
    one, other = another_database(pool_size=1), another_database(pool_size=1)
    with pytest.raises(Unavailable):
        async with one.transaction():
            await other.fetch("select pg_terminate_backend($1)", await one.fetch_value("select pg_backend_pid()"))
            await one.execute("create table t (n int)")
    assert not one.in_transaction
    async with one.transaction():
        assert 1 == await one.fetch_value("select 1")


async def test_a_connection_lost_inside_a_savepoint_is_a_refusal(another_database: Another, crm_dialect: str) -> None:
    """PostgreSQL: also to who caught what came out of the savepoint and goes on, as a batch does; and to who only ends."""
    if crm_dialect != "postgresql":
        pytest.skip("about PostgreSQL")
    one, other = another_database(pool_size=1), another_database(pool_size=1)
    for goes_on in (True, False):
        with pytest.raises(Unavailable):
            async with one.transaction():
                with contextlib.suppress(ValueError):
                    async with one.transaction():
                        await other.fetch(
                            "select pg_terminate_backend($1)", await one.fetch_value("select pg_backend_pid()")
                        )
                        raise ValueError
                if goes_on:
                    async with one.transaction():
                        await one.fetch("select 1")
    assert 1 == await one.fetch_value("select 1")


async def test_a_number_too_large_for_its_column_is_refused(library: Database, crm_dialect: str) -> None:
    """PostgreSQL: an INTEGER has 32 bits."""
    if crm_dialect != "postgresql":
        pytest.skip("SQLite's have 64")
    with pytest.raises(Invalid):
        await library.execute("insert into everything (id, whole) values ($1, $2)", ids.new(), 2**31)


async def test_wrong_sql_is_a_bug(database: Database) -> None:
    """It is no refusal: the driver's own exception goes up."""
    with pytest.raises(Exception, match="nowhere") as raised:
        await database.fetch("select * from nowhere")
    assert not isinstance(raised.value, Unavailable | Invalid)


async def test_a_statement_that_is_cut_off_leaves_nothing_behind(library: Database, another_database: Another) -> None:
    """Wherever it was cancelled, being prepared too: whoever gets a connection next can begin a transaction."""
    database = another_database(pool_size=1)
    await database.open()
    for steps in range(150):
        task = asyncio.create_task(database.fetch(f"select {steps} as n{steps}, count(*) from author"))
        for _ in range(steps % 30):
            await asyncio.sleep(0)
        task.cancel()
        await asyncio.wait([task])
        async with database.transaction():
            assert 1 == await database.fetch_value("select 1")
