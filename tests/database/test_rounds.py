"""What SQLite's reads of one round of the event loop share, and what they do not."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from crmcore.database import Database
from crmcore.database.sqlite import statements
from crmcore.errors import Invalid

N = "select (select n from thing where id = $1)"
#: Takes a thread; what it gives depends on the table.
LONG = """select (select n from thing where id = $1), (select count(*) from
(with recursive n (x) as (select 1 union all select x + 1 from n where x < 100000) select x from n))"""


@pytest.fixture
async def file(tmp_path: Path) -> AsyncIterator[Database]:
    """A SQLite database with a table, whose first reader is open."""
    database = Database.from_url(f"sqlite:///{tmp_path}/crm.db")
    await database.open()
    await database.script(
        ["create table thing (id text primary key, n int)", "insert into thing values ('a', 1), ('b', 2)"]
    )
    await database.row(N, "a")
    yield database
    await database.close()


@pytest.fixture
def read(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, Any]]:
    """The reads that SQLite is given: which thread, and the values."""
    seen: list[tuple[str, Any]] = []
    work = statements.fetch

    def fetch(raw: Any, sql: str, bound: dict[str, Any]) -> Any:
        seen.append((threading.current_thread().name, *bound.values()))
        return work(raw, sql, bound)

    monkeypatch.setattr(statements, "fetch", fetch)
    return seen


async def test_reads_of_a_round_get_each_its_own(file: Database, read: list[Any]) -> None:
    """On the event loop's thread, in the order in which they were asked for."""
    assert [(2,), (None,), (1,)] == await asyncio.gather(*(file.row(N, key) for key in ("b", "c", "a")))
    assert [("MainThread", "b"), ("MainThread", "c"), ("MainThread", "a")] == read


async def test_reads_of_a_round_see_the_same(file: Database, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Another process that commits between two of them is seen by none, and by all of the next round."""
    other = Database.from_url(f"sqlite:///{tmp_path}/crm.db")
    await other.open()
    writer = await other._driver.writers.take()
    work = statements.fetch

    def fetch(raw: Any, sql: str, bound: dict[str, Any]) -> Any:
        rows = work(raw, sql, bound)
        statements.execute(writer._raw, "update thing set n = n + 10", {})
        return rows

    monkeypatch.setattr(statements, "fetch", fetch)
    assert [(1,), (2,)] == await asyncio.gather(file.row(N, "a"), file.row(N, "b"))
    monkeypatch.setattr(statements, "fetch", work)
    assert [(21,), (22,)] == await asyncio.gather(file.row(N, "a"), file.row(N, "b"))
    other._driver.writers.give(writer)
    await other.close()


async def test_equal_reads_are_one(file: Database, read: list[Any]) -> None:
    """Each counts as a statement all the same, and in how many went together."""
    before, gathered = file.watch.statements, file.watch.gathered
    assert [(1,), (1,), (2,), (1,)] == await asyncio.gather(*(file.row(N, key) for key in ("a", "a", "b", "a")))
    assert [("MainThread", "a"), ("MainThread", "b")] == read
    assert (4, 3, 1) == (file.watch.statements - before, file.watch.gathered - gathered, file.watch.groups)


async def test_what_sqlite_can_tell_apart_is_not_equal(file: Database) -> None:
    """Though Python finds 1, 1.0 and True equal, and 0.0 and -0.0."""
    sql = "select typeof($1) || ' ' || printf('%!g', $1)"
    asked = (1, 1.0, 0.0, -0.0, "1")
    alone = [await file.row(sql, value) for value in asked]
    assert alone == await asyncio.gather(*(file.row(sql, value) for value in asked))


async def test_equal_reads_of_other_statements_are_not_one(file: Database) -> None:
    """The values alone say nothing."""
    assert [(1,), ("a",)] == await asyncio.gather(file.row(N, "a"), file.row("select $1", "a"))


@pytest.mark.parametrize("bad", ["\ud800", "\0", 2**70])
async def test_a_value_that_cannot_be_stored_is_refused_to_who_gave_it(file: Database, bad: Any) -> None:
    """The others of its round are answered."""
    found = await asyncio.gather(file.row(N, "a"), file.row(N, bad), file.row(N, "b"), return_exceptions=True)
    assert ((1,), (2,)) == (found[0], found[2])
    assert isinstance(found[1], Invalid)


async def test_a_statement_that_fails_fails_for_who_asked(file: Database) -> None:
    """With the database's own words."""
    found = await asyncio.gather(file.row(N, "a"), file.row("select json($1)", "{"), return_exceptions=True)
    assert ((1,), "malformed JSON") == (found[0], str(found[1]))


async def test_whoever_leaves_before_the_end_of_a_round_is_left_out(file: Database, read: list[Any]) -> None:
    """The others are answered."""
    tasks = [asyncio.create_task(file.row(N, key)) for key in ("a", "b")]
    await asyncio.sleep(0)
    tasks[0].cancel()
    assert (2,) == await tasks[1]
    assert [("MainThread", "b")] == read


async def test_without_a_free_reader_each_waits_for_its_own(file: Database, read: list[Any]) -> None:
    """Nobody is forgotten."""
    readers = file._driver.readers
    taken = [await readers.take() for _ in range(readers.size)]
    asked = asyncio.gather(file.row(N, "a"), file.row(N, "b"))
    for _ in range(5):
        await asyncio.sleep(0)
    assert [] == read
    for reader in taken:
        readers.give(reader)
    assert [(1,), (2,)] == await asked


async def test_long_reads_that_are_equal_are_one_in_a_thread(file: Database, read: list[Any]) -> None:
    """Others have one of their own."""
    await file.row(LONG, "a")  # found to be long
    read.clear()
    found = await asyncio.gather(*(file.row(LONG, key) for key in ("a", "a", "b", "a", "b")))
    assert [1, 1, 2, 1, 2] == [row[0] for row in found]
    assert [("crm-sqlite-reader", "a"), ("crm-sqlite-reader", "b")] == sorted(read)


async def test_a_long_read_sees_what_was_committed_before_it_was_asked_for(file: Database) -> None:
    """It does not share one that is under way."""
    await file.row(LONG, "a")
    early = asyncio.gather(file.row(LONG, "a"), file.row(LONG, "a"))
    for _ in range(5):
        await asyncio.sleep(0)
    await file.execute("update thing set n = 5 where id = 'a'")
    late = await asyncio.gather(file.row(LONG, "a"), file.row(LONG, "a"))
    assert [5, 5] == [row[0] for row in late]
    await early


async def test_a_request_sees_what_it_has_written(file: Database) -> None:
    """The round's snapshot begins when it ends."""
    await file.execute("update thing set n = 7 where id = 'a'")
    assert [(7,), (2,)] == await asyncio.gather(file.row(N, "a"), file.row(N, "b"))
