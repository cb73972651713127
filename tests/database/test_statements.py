"""Statements on both databases: what goes in comes out."""

from __future__ import annotations

import asyncio

import pytest

from crmcore.database import Database, UniqueViolation, ids
from tests.database.tables import Author


async def test_rows_come_back_as_tuples(database: Database) -> None:
    """A row is a tuple in the order of the columns."""
    assert [(1, "a")] == await database.fetch("select 1, 'a'")


async def test_rows_come_back_by_name(database: Database) -> None:
    """A row is a dict when asked for."""
    assert [{"one": 1, "two": 2}] == await database.fetch_dicts("select 1 as one, 2 as two")


async def test_the_first_value_stands_alone(database: Database) -> None:
    """The first column of the first row, or None."""
    assert 7 == await database.fetch_value("select 7, 8 union all select 9, 10 order by 1")
    assert await database.fetch_value("select 1 where 1 = 0") is None


async def test_placeholders_may_repeat_and_stand_in_any_order(database: Database) -> None:
    """`$n` is the n-th parameter wherever it stands."""
    sql = "select cast($2 as text), cast($1 as text), cast($2 as text)"
    assert [("b", "a", "b")] == await database.fetch(sql, "a", "b")


async def test_execute_counts_rows(counter: Database) -> None:
    """How many rows were written; none for a statement that writes none."""
    assert 1 == await counter.execute("update counter set n = 5")
    assert 0 == await counter.execute("update counter set n = 5 where id = $1", 2)
    assert 0 == await counter.execute("create table other (n int)")


async def test_a_statement_that_writes_may_return_rows(counter: Database) -> None:
    """`returning` works outside a transaction too, whichever way the statement begins."""
    assert [(5,)] == await counter.fetch("update counter set n = 5 returning n")
    assert 6 == await counter.fetch_value(
        "with one as (select 1 as x) update counter set n = n + (select x from one) returning n"
    )
    assert 6 == await counter.fetch_value("select n from counter")


async def test_many_rows_are_written_together(library: Database) -> None:
    """All or none: the third row is refused, so none stays."""
    rows = [(ids.new(), "a"), (ids.new(), "b"), (ids.new(), "A")]
    with pytest.raises(UniqueViolation):
        await library.execute_many("insert into author (id, name) values ($1, $2)", rows)
    assert 0 == await library.fetch_value("select count(*) from author")
    await library.execute_many("insert into author (id, name) values ($1, $2)", rows[:2])
    assert 2 == await library.fetch_value("select count(*) from author")


async def test_many_rows_are_loaded(library: Database) -> None:
    """In a transaction or alone; what is refused names its key and leaves nothing, and the connection works on."""
    columns, rows = ("id", "name"), [(ids.new(), "a"), (ids.new(), "b\\N\t\r\n"), (ids.new(), "A")]
    with pytest.raises(UniqueViolation) as refused:
        await library.load("author", columns, rows)
    assert ("author", 0) == (refused.value.table, await library.fetch_value("select count(*) from author"))
    async with library.transaction():
        await library.later("insert into author (id, name) values ($1, $2)", *rows[2])
        await library.load("author", columns, rows[1:2])
    await library.load("author", columns, [])
    assert rows[1:] == await library.fetch("select id, name from author order by id")


async def test_statements_of_many_tasks_run_side_by_side(library: Database) -> None:
    """More tasks than connections all get their answer."""
    await library.execute("insert into author (id, name) values ($1, $2)", ids.new(), "Ana")
    sql = (
        "select name from author where $1 > 0"
        if library.dialect == "sqlite"
        else "select name from author where $1::int > 0"
    )
    assert ["Ana"] * 50 == await asyncio.gather(*(library.fetch_value(sql, n) for n in range(1, 51)))


async def test_the_writer_sees_and_readers_do_not_see_an_open_transaction(counter: Database) -> None:
    """Another task reads what was committed."""

    async def elsewhere() -> int:
        return int(await counter.fetch_value("select n from counter"))

    outside = asyncio.Event()
    reading = asyncio.create_task(asyncio.wait_for(_after(outside, elsewhere), 10))
    async with counter.transaction():
        await counter.execute("update counter set n = 1")
        outside.set()
        assert 0 == await reading
        assert 1 == await counter.fetch_value("select n from counter")
    assert 1 == await counter.fetch_value("select n from counter")


async def _after(event: asyncio.Event, work: object) -> int:
    await event.wait()
    return await work()  # type: ignore[operator, no-any-return]


async def test_tables_in_a_circle_can_be_made(library: Database) -> None:
    """An author has a best book, a book an author, and a book continues a book."""
    author, first, second = ids.new(), ids.new(), ids.new()
    await library.execute("insert into author (id, name) values ($1, 'Ana')", author)
    await library.execute("insert into book (id, author_id, title) values ($1, $2, 'One')", first, author)
    await library.execute(
        "insert into book (id, author_id, sequel_of_id, title) values ($1, $2, $3, 'Two')", second, author, first
    )
    await library.execute("update author set best_book_id = $1 where id = $2", second, author)
    await library.execute("delete from book where id = $1", first)
    assert [(None,)] == await library.fetch("select best_book_id from author")


async def test_a_table_without_indexes_of_its_own_has_none(library: Database) -> None:
    """Piccolo's method `indexes` is not taken for a declaration."""
    library.bind([Author])
