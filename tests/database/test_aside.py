"""SQLite's reads that take a while: which of them go to a thread, what they share there, and how they end."""

from __future__ import annotations

import asyncio
import gc
import threading
import time
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import pytest

from crmcore.database import Database, StatementTimeout
from crmcore.database.failures import Busy
from crmcore.database.gathering import Asked
from crmcore.database.sqlite import aside, budget, rounds, statements
from crmcore.database.sqlite.budget import Dear
from crmcore.database.sqlite.connection import SqliteConnection
from crmcore.errors import Invalid, Unavailable

#: Some thousand instructions of SQLite's: less than the event loop's thread may spend on one, more than handing it over costs.
PAGE = """select (select n from thing where id = $1), (select count(*) from
(with recursive n (x) as (select 1 union all select x + 1 from n where x < 400) select x from n))"""
#: Nothing that the event loop's thread may do.
LONG = PAGE.replace("400", "100000")
SHORT = "select (select n from thing where id = $1)"
ENDLESS = "select count(*), $1 from (with recursive n (x) as (select 1 union all select x + 1 from n) select x from n)"

HERE, THERE = "MainThread", "crm-sqlite-reader"


class Reads:
    """The reads that SQLite is given: which thread, and the value; those of a thread go on when they may.

    Attributes:

        seen: thread and value of each.
        go: set unless a thread shall wait before it reads.
        stopped: a read of a thread waits for `go`.
    """

    def __init__(self) -> None:
        self.seen: list[tuple[str, Any]] = []
        self.threads = set[int]()
        self.go, self.stopped = threading.Event(), threading.Event()
        self.go.set()

    async def until_stopped(self) -> None:
        assert await asyncio.to_thread(self.stopped.wait, 10)

    async def begun(self, file: Database, key: str) -> asyncio.Task[Any]:
        """Ask for a long read; it is in a thread, which waits for `go`."""
        self.go.clear()
        asked = asyncio.create_task(file.row(LONG, key))
        await self.until_stopped()
        return asked


@pytest.fixture
def reads(monkeypatch: pytest.MonkeyPatch) -> Reads:
    """What SQLite is given to read."""
    seen, work = Reads(), statements.fetch

    def fetch(raw: Any, sql: str, bound: dict[str, Any]) -> Any:
        seen.seen.append((threading.current_thread().name, *bound.values()))
        if threading.current_thread() is not threading.main_thread():
            seen.threads.add(threading.get_ident())
            if not seen.go.is_set():
                seen.stopped.set()
                assert seen.go.wait(10)
        return work(raw, sql, bound)

    monkeypatch.setattr(statements, "fetch", fetch)
    return seen


@pytest.fixture
async def opened(tmp_path: Path) -> AsyncIterator[Callable[..., Any]]:
    """Opens databases with a table."""
    databases = list[Database]()

    async def open_one(**options: Any) -> Database:
        database = Database.from_url(f"sqlite:///{tmp_path}/crm{len(databases)}.db", **options)
        databases.append(database)
        await database.open()
        await database.script(
            ["create table thing (id text primary key, n int)", "insert into thing values ('a', 1), ('b', 2), ('c', 3)"]
        )
        await database.row(SHORT, "a")
        return database

    yield open_one
    for database in databases:
        await database.close()


@pytest.fixture
async def file(opened: Callable[..., Any]) -> Database:
    """A database that knows that `LONG` takes long."""
    database: Database = await opened()
    await database.row(LONG, "a")
    return database


async def test_what_takes_a_while_goes_to_a_thread_while_several_ask(
    opened: Callable[..., Any], reads: Reads, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What takes less stays, and so does all of it when the event loop has nothing else to do."""
    monkeypatch.setattr(rounds, "_LOOKS", 1)
    file = await opened()
    for _ in range(5):
        await asyncio.gather(file.row(PAGE, "a"), file.row(PAGE, "b"), file.row(SHORT, "a"))
    reads.seen.clear()
    found = await asyncio.gather(file.row(PAGE, "a"), file.row(SHORT, "c"), file.row(PAGE, "b"))
    assert [1, 3, 2] == [row[0] for row in found]
    assert [(HERE, "c"), (THERE, "a"), (THERE, "b")] == sorted(reads.seen)

    monkeypatch.setattr(rounds, "_BUSY", -1.0)
    await asyncio.gather(file.row(SHORT, "a"), file.row(SHORT, "b"))
    reads.seen.clear()
    assert 1 == (await file.row(PAGE, "a"))[0]
    assert [(HERE, "a")] == reads.seen
    reads.seen.clear()
    assert 1 == (await file.row(PAGE.replace("400", "4000"), "a"))[0]
    assert [(HERE, "a"), (THERE, "a")] == reads.seen


async def test_a_few_rounds_are_watched(
    opened: Callable[..., Any], reads: Reads, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It costs those in it; a statement that is asked for often is known soon all the same."""
    watched, really = list[None](), SqliteConnection.watched

    def counted(connection: SqliteConnection) -> Any:
        watched.append(None)
        return really(connection)

    monkeypatch.setattr(SqliteConnection, "watched", counted)
    file = await opened()
    for _ in range(160):
        await asyncio.gather(file.row(SHORT, "a"), file.row(SHORT, "b"))
    assert 10 == len(watched)


def test_what_is_dear_now_and_then_is_not_dear(monkeypatch: pytest.MonkeyPatch) -> None:
    """More than one run of nine is; a minute later it is looked at again, and known after the first."""
    now = [0.0]
    monkeypatch.setattr(budget, "monotonic", lambda: now[0])
    dear = Dear()
    for n in range(1000):
        dear.ran("often", dear=n % 8 == 0)
        dear.ran("seldom", dear=n % 10 == 0)
    assert ("often" in dear, "seldom" in dear, "never" in dear) == (True, False, False)
    now[0] = 60.0
    assert "often" not in dear
    dear.ran("often", dear=True)
    assert "often" in dear


def test_as_many_statements_are_remembered_as_there_are_plans() -> None:
    """Not more: texts of others must not fill the memory."""
    dear = Dear()
    for n in range(10_000):
        dear.ran(f"select {n}", dear=True)
    assert len(dear._scores) <= 4096


async def test_what_proves_long_in_a_round_goes_on_in_a_thread(opened: Callable[..., Any], reads: Reads) -> None:
    """Equal ones together, though they were of the round; the others of the round are answered."""
    file = await opened()
    reads.seen.clear()
    found = await asyncio.gather(*(file.row(sql, "a") for sql in (LONG, LONG, SHORT, LONG)))
    assert [1, 1, 1, 1] == [row[0] for row in found]
    assert [(HERE, "a"), (HERE, "a"), (THERE, "a")] == sorted(reads.seen)


async def test_one_thread_does_all_that_waits(file: Database, reads: Reads, monkeypatch: pytest.MonkeyPatch) -> None:
    """In the order in which they were asked for; equal ones are one, and counted."""
    monkeypatch.setattr(aside, "_PATIENCE", 60.0)
    before, gathered = file.watch.statements, file.watch.gathered
    first = await reads.begun(file, "c")
    others = asyncio.gather(*(file.row(LONG, key) for key in ("b", "a", "b", "c", "a", "b")))
    await asyncio.sleep(0)
    reads.go.set()
    assert 3 == (await first)[0]
    assert [2, 1, 2, 3, 1, 2] == [row[0] for row in await others]
    assert [(THERE, "c"), (THERE, "b"), (THERE, "a"), (THERE, "c")] == reads.seen
    assert 1 == len(reads.threads)
    assert (7, 5) == (file.watch.statements - before, file.watch.gathered - gathered)


async def test_answers_come_while_the_thread_goes_on(
    file: Database, reads: Reads, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nobody waits for those behind."""
    monkeypatch.setattr(aside, "_PATIENCE", 60.0)
    first = await reads.begun(file, "a")
    second = asyncio.create_task(file.row(LONG, "b"))
    await asyncio.sleep(0)
    reads.stopped.clear()
    reads.go.set()
    reads.go.clear()
    await reads.until_stopped()
    async with asyncio.timeout(5):
        assert 1 == (await first)[0]
    assert not second.done()
    reads.go.set()
    assert 2 == (await second)[0]


async def test_a_read_shares_none_that_has_begun(file: Database, reads: Reads) -> None:
    """So it sees what was committed before it was asked for."""
    early = await reads.begun(file, "a")
    late = asyncio.create_task(file.row(LONG, "a"))
    await asyncio.sleep(0)
    reads.go.set()
    await asyncio.gather(early, late)
    assert 2 == len(reads.seen)


async def test_others_do_not_wait_for_a_long_read(file: Database, reads: Reads) -> None:
    """Another thread helps when none has begun anything for a moment."""
    file._gathering._aside._threads = 1  # type: ignore[union-attr]
    first = await reads.begun(file, "a")
    reads.stopped.clear()
    second = asyncio.create_task(file.row(LONG, "b"))
    await reads.until_stopped()
    assert [(THERE, "a"), (THERE, "b")] == reads.seen
    assert 2 == len(reads.threads)
    reads.go.set()
    assert [1, 2] == [(await one)[0] for one in (first, second)]


async def test_threads_are_as_few_as_can_be(file: Database, reads: Reads, monkeypatch: pytest.MonkeyPatch) -> None:
    """One helps where nothing has begun since somebody looked, or where there is a processor for it."""
    monkeypatch.setattr(aside, "_PATIENCE", 60.0)
    side = file._gathering._aside  # type: ignore[union-attr]
    side._threads = 1
    reads.go.clear()
    asked = [asyncio.create_task(file.row(LONG, "a"))]
    await reads.until_stopped()
    asked += [asyncio.create_task(file.row(LONG, key)) for key in ("b", "c")]
    await asyncio.sleep(0)
    side._overdue(side._begun - 1)
    assert 1 == len(side._turns)
    side._threads = 2
    readers = file._driver.readers
    for reader in [await readers.take(), await readers.take()]:  # so that they are open
        readers.give(reader)
    side._overdue(side._begun - 1)
    assert 2 == len(side._turns)
    reads.go.set()
    assert [1, 2, 3] == [(await one)[0] for one in asked]


async def test_what_is_asked_for_as_a_thread_ends_its_turn_is_not_forgotten(
    file: Database, reads: Reads, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The thread has found nothing left, and the event loop does not know it yet."""
    monkeypatch.setattr(aside, "_PATIENCE", 60.0)
    first = await reads.begun(file, "a")
    (turn,) = file._gathering._aside._turns  # type: ignore[union-attr]
    reads.go.set()
    while not turn.connection._worker.idle:
        time.sleep(0.001)  # noqa: ASYNC251 - the event loop shall not hear of it
    second = asyncio.create_task(file.row(LONG, "b"))
    async with asyncio.timeout(5):
        assert [1, 2] == [(await one)[0] for one in (first, second)]


async def test_what_runs_out_of_time_is_told_to_all_who_share_it(opened: Callable[..., Any], reads: Reads) -> None:
    """Each counts it as its statement; it is not run once more for each, and what waits behind it is answered."""
    file = await opened(statement_timeout=0.3)
    with pytest.raises(StatementTimeout):
        await file.row(ENDLESS, "z")
    await file.row(LONG, "a")
    before, seconds = file.watch.statements, file.watch.seconds
    reads.seen.clear()
    asked = [file.row(ENDLESS, "x"), file.row(ENDLESS, "x"), file.row(LONG, "b")]
    first, second, third = await asyncio.gather(*asked, return_exceptions=True)
    assert [StatementTimeout, StatementTimeout] == [type(first), type(second)]
    assert first is not second
    assert 2 == third[0]
    assert [(THERE, "b"), (THERE, "x")] == sorted(reads.seen)
    assert 3 == file.watch.statements - before
    assert file.watch.seconds - seconds > 0.59


async def test_who_leaves_is_not_waited_for(file: Database, reads: Reads) -> None:
    """The others who share the read are answered, in whichever order they asked."""
    reads.go.clear()
    asked = [asyncio.create_task(file.row(LONG, key)) for key in ("a", "a", "a", "b")]
    await reads.until_stopped()
    for task in asked[:3:2]:
        task.cancel()
    await asyncio.sleep(0)
    reads.go.set()
    assert [1, 2] == [(await one)[0] for one in asked[1::2]]
    assert [(THERE, "a"), (THERE, "b")] == reads.seen


async def test_who_leaves_last_ends_a_read(file: Database, reads: Reads, monkeypatch: pytest.MonkeyPatch) -> None:
    """Before, it goes on for the others; the connection is free at once."""
    stopped, really = list[None](), SqliteConnection.stop

    def stop(connection: SqliteConnection) -> None:
        stopped.append(None)
        really(connection)

    monkeypatch.setattr(SqliteConnection, "stop", stop)
    file._driver.slow.add(ENDLESS)  # type: ignore[attr-defined]
    reads.go.clear()
    first, second = (asyncio.create_task(file.row(ENDLESS, "x")) for _ in range(2))
    await reads.until_stopped()
    first.cancel()
    await asyncio.wait([first])
    assert [] == stopped
    reads.go.set()
    await asyncio.sleep(0.05)  # until the statement is under way
    second.cancel()
    await asyncio.wait([second])
    assert [None] == stopped
    readers = file._driver.readers
    async with asyncio.timeout(5):
        for reader in [await readers.take() for _ in range(readers.size)]:
            readers.give(reader)
    assert 1 == (await file.row(LONG, "a"))[0]


async def test_what_nobody_waits_for_any_more_is_left_out(file: Database, reads: Reads) -> None:
    """And whoever asks for the same afterwards has one of their own."""
    first = await reads.begun(file, "a")
    file._gathering._aside._threads = 1  # type: ignore[union-attr]
    gone = [asyncio.create_task(file.row(LONG, key)) for key in ("b", "b", "c")]
    await asyncio.sleep(0)
    for task in gone:
        task.cancel()
    await asyncio.wait(gone)
    again = asyncio.create_task(file.row(LONG, "c"))
    await asyncio.sleep(0)
    reads.go.set()
    assert [1, 3] == [(await one)[0] for one in (first, again)]
    assert [(THERE, "a"), (THERE, "c")] == reads.seen


async def test_what_fails_is_asked_alone(file: Database, reads: Reads) -> None:
    """Each hears of it as if nobody else had asked; the thread goes on."""
    sql = LONG.replace("where id = $1)", "where id = $1), json($1)")
    for _ in range(2):
        found = await asyncio.gather(
            *(file.row(sql, "{") for _ in range(2)), file.row(LONG, "b"), return_exceptions=True
        )
        assert ["malformed JSON", "malformed JSON"] == [str(error) for error in found[:2]]
        assert 2 == found[2][0]
    file._driver.slow.add(sql)  # type: ignore[attr-defined]
    reads.seen.clear()
    found = await asyncio.gather(*(file.row(sql, "{") for _ in range(2)), file.row(LONG, "b"), return_exceptions=True)
    assert ["malformed JSON", "malformed JSON"] == [str(error) for error in found[:2]]
    assert found[0] is not found[1]
    assert 2 == found[2][0]
    assert [(THERE, "b"), (THERE, "{"), (THERE, "{"), (THERE, "{")] == sorted(reads.seen)


@pytest.mark.parametrize("bad", ["\0", 2**70])
async def test_a_value_that_cannot_be_stored_is_refused(file: Database, bad: Any) -> None:
    """To who gave it; the others are answered."""
    found = await asyncio.gather(file.row(LONG, "a"), file.row(LONG, bad), return_exceptions=True)
    assert 1 == found[0][0]
    assert isinstance(found[1], Invalid)


async def test_where_no_reader_becomes_free_all_are_told(opened: Callable[..., Any]) -> None:
    """They do not wait for another one after that."""
    file = await opened(pool_size=1, statement_timeout=0.2)
    await file.row(LONG, "a")
    taken = await file._driver.readers.take()
    loop = asyncio.get_running_loop()
    began = loop.time()
    found = await asyncio.gather(*(file.row(LONG, key) for key in ("a", "a", "b")), return_exceptions=True)
    assert [Busy, Busy, Busy] == [type(error) for error in found]
    assert loop.time() - began < 0.39
    file._driver.readers.give(taken)
    assert 1 == (await file.row(LONG, "a"))[0]


async def test_a_database_that_is_closed_answers_what_it_was_asked_before(file: Database, reads: Reads) -> None:
    """And refuses what comes afterwards."""
    first = await reads.begun(file, "a")
    second = asyncio.create_task(file.row(LONG, "b"))
    await asyncio.sleep(0)
    closing = asyncio.create_task(file._driver.readers.close())
    await asyncio.sleep(0)
    reads.go.set()
    assert [1, 2] == [(await one)[0] for one in (first, second)]
    await closing
    with pytest.raises(Unavailable):
        await file.row(LONG, "c")


async def test_reads_leave_nothing_to_the_garbage_collector(file: Database) -> None:
    """It would stop the whole process."""
    gc.collect()
    gc.disable()
    try:
        for _ in range(3):
            await asyncio.gather(*(file.row(LONG, key) for key in ("a", "b", "a")))
        readers = file._driver.readers
        for reader in [await readers.take() for _ in range(readers.size)]:
            await reader.serve(lambda: None)  # the threads have let go of what they did before
            readers.give(reader)
        left = [one for one in gc.get_objects() if isinstance(one, Asked | aside._Read | aside._Turn)]
    finally:
        gc.enable()
    assert [] == left
