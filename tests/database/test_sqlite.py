"""What only SQLite needs: which thread a statement runs on, and a file that others use too."""

from __future__ import annotations

import asyncio
import errno
import os
import sqlite3
import threading
from collections.abc import AsyncIterator, Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from crmcore.database import Database
from crmcore.database.reading import only_reads, writes_few_rows
from crmcore.database.sqlite import driver, statements, writer
from crmcore.database.sqlite.worker import Worker
from crmcore.errors import Unavailable

SLOW = "with recursive n (x) as (select 1 union all select x + 1 from n where x < 200000) select count(*) from n"


@pytest.fixture
async def file(tmp_path: Path) -> AsyncIterator[Database]:
    """A SQLite database with a table."""
    database = Database.from_url(f"sqlite:///{tmp_path}/crm.db")
    await database.open()
    await database.script(["create table thing (id text primary key, n int)", "insert into thing values ('a', 1)"])
    yield database
    await database.close()


@pytest.fixture
def threads(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The threads on which statements ran, as they come."""
    seen: list[str] = []

    def watched(name: str) -> None:
        work = getattr(statements, name)

        def watching(*args: object) -> object:
            seen.append(threading.current_thread().name)
            return work(*args)

        monkeypatch.setattr(statements, name, watching)

    for name in ("fetch_value", "execute", "begin", "commit", "commit_now"):
        watched(name)
    return seen


HERE, READER, WRITER = "MainThread", "crm-sqlite-reader", "crm-sqlite-writer"


async def test_short_reads_run_where_they_are_asked_for(file: Database, threads: list[str]) -> None:
    """Going to a thread and back would take ten times as long."""
    for _ in range(2000):
        await file.fetch_value("select n from thing where id = $1", "a")
    assert {HERE} == set(threads)


async def test_long_reads_go_to_a_thread_and_are_remembered(file: Database, threads: list[str]) -> None:
    """The first time a bit of it is done twice."""
    assert 200000 == await file.fetch_value(SLOW)
    assert [HERE, READER] == threads
    assert 200000 == await file.fetch_value(SLOW)
    assert [HERE, READER, READER] == threads


async def test_the_event_loop_goes_on_while_a_long_read_runs(file: Database) -> None:
    """Other tasks get their turns."""
    reading, turns = asyncio.create_task(file.fetch_value(SLOW)), 0
    while not reading.done():
        turns += 1
        await asyncio.sleep(0)
    assert turns > 20


async def test_writes_of_one_row_in_a_transaction_stay_with_their_commit(file: Database, threads: list[str]) -> None:
    """They write a few pages into the log, and nobody waits for the disk."""
    async with file.transaction():
        await file.execute("update thing set n = coalesce(max(n, $2), n) where id = $1", "a", 2)
    assert [HERE, HERE] == threads
    assert 2 == await file.fetch_value("select n from thing")


async def test_other_writes_go_to_a_thread_and_their_commit_too(file: Database, threads: list[str]) -> None:
    """A statement that writes may write a lot, and then so does the commit."""
    async with file.transaction():
        await file.execute("update thing set n = $2 where id = $1", "a", 2)
        await file.execute("update thing set n = n + 1")
    assert [HERE, WRITER, WRITER] == threads


async def test_many_writes_of_one_row_are_committed_in_a_thread(file: Database, threads: list[str]) -> None:
    """Each was short, and all of them are not."""
    async with file.transaction():
        for n in range(300):
            await file.execute("insert into thing (id, n) values ($1, $2)", str(n), n)
    assert (HERE, WRITER) == (threads[-2], threads[-1])


@pytest.fixture
def written_back(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The threads that wrote the log back."""
    threads, really = list[str](), statements.write_back

    def watched(raw: sqlite3.Connection) -> None:
        threads.append(threading.current_thread().name)
        really(raw)

    monkeypatch.setattr(statements, "write_back", watched)
    monkeypatch.setattr(writer, "_PART", 100)
    return threads


async def add(file: Database, count: int, first: int = 0) -> None:
    for n in range(first, first + count):
        async with file.transaction():
            await file.execute("insert into thing (id, n) values ($1, $2)", str(n), n)


async def test_the_log_is_written_back_beside_those_who_write(
    file: Database, tmp_path: Path, written_back: list[str]
) -> None:
    """In a reader's thread; what was added meanwhile in the writer's, while nobody has the connection. So it does not grow for ever."""
    log, sizes = tmp_path / "crm.db-wal", list[int]()
    await file.fetch_value("select n from thing")
    for first in range(0, 12_000, 300):  # how far it gets before a thread comes by is the machine's affair
        await add(file, 300, first)
        sizes.append(log.stat().st_size)
        if {READER, WRITER} == set(written_back) and sizes[-4:].count(sizes[-1]) == 4:
            break
    else:
        pytest.fail(f"The log grew again and again, or one of the two was never asked: {sizes}, {set(written_back)}.")


def opened(file: Path) -> list[int]:
    """The descriptors that the process has of a file, in the order of their numbers."""
    found = []
    for descriptor in sorted(map(int, os.listdir("/dev/fd"))):
        with suppress(OSError):  # what listed them
            if os.path.samestat(os.fstat(descriptor), file.stat()):
                found.append(descriptor)
    return found


@pytest.mark.skipif(not hasattr(os, "fdatasync"), reason="This system has no fdatasync.")
async def test_the_reader_waits_for_the_disk_before_the_writer_has_to(
    file: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, written_back: list[str]
) -> None:
    """Or whoever writes would wait, 20 ms and more. Its own descriptor, since each is told once that the disk failed."""
    writers, waited, really = opened(tmp_path / "crm.db"), list[tuple[str, int, list[str]]](), os.fdatasync

    def watched(descriptor: int) -> None:
        really(descriptor)
        waited.append((threading.current_thread().name, descriptor, written_back[:]))

    monkeypatch.setattr(os, "fdatasync", watched)
    await file.fetch_value("select n from thing")
    await add(file, 120)
    for _ in range(3000):
        if not waited:
            await asyncio.sleep(0.01)
    readers = set(opened(tmp_path / "crm.db")) - set(writers)
    assert [(READER, True, [READER])] == [(thread, used in readers, before) for thread, used, before in waited]
    for n in range(120, 170):
        if len(written_back) == 1:
            await add(file, 1, n)
            await asyncio.sleep(0.01)
    assert [READER, WRITER] == written_back


@pytest.fixture
def alone(tmp_path: Path) -> Iterator[sqlite3.Connection]:
    """A connection to a file with something in its log."""
    raw = sqlite3.connect(tmp_path / "crm.db", isolation_level=None)
    raw.execute("pragma journal_mode = wal")
    raw.execute("create table thing (n int)")
    yield raw
    raw.close()


@pytest.mark.skipif(not hasattr(os, "fdatasync"), reason="This system has no fdatasync.")
def test_whoever_operates_it_hears_that_the_disk_failed(
    alone: sqlite3.Connection, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """Nobody else does: what was committed is in the log still."""

    def fails(_: int) -> None:
        raise OSError(errno.EIO, "Input/output error")

    monkeypatch.setattr(os, "fdatasync", fails)
    statements.write_back_beside(alone)
    assert ["The disk did not take what was written into"] == [r.message.partition(" /")[0] for r in caplog.records]


def test_whoever_operates_it_hears_that_the_log_stays(
    alone: sqlite3.Connection, caplog: pytest.LogCaptureFixture
) -> None:
    """As long as it cannot be written back it grows."""
    alone.execute("begin immediate")  # within which SQLite refuses it
    statements.write_back(alone)
    assert "could not be written back" in caplog.text


async def test_a_read_sees_all_while_the_log_is_written_back(file: Database, written_back: list[str]) -> None:
    """And nobody waits for it."""
    for first in range(0, 1000, 50):
        _, count = await asyncio.gather(add(file, 50, first), file.fetch_value("select count(*) from thing"))
        assert first <= count - 1 <= first + 50
    assert READER in written_back


async def test_the_log_of_one_large_transaction_is_written_back_beside_the_next(
    file: Database, written_back: list[str]
) -> None:
    """Its commit was in a thread itself."""
    await file.fetch_value("select n from thing")
    async with file.transaction():
        await file.execute_many("insert into thing (id, n) values ($1, $2)", [(str(n), n) for n in range(300)])
    assert 301 == await file.fetch_value("select count(*) from thing")
    for _ in range(3000):
        if not written_back:
            await asyncio.sleep(0.01)
    assert [READER] == written_back


async def test_the_log_of_a_change_of_the_schema_is_written_back(file: Database, written_back: list[str]) -> None:
    """It counts no rows, and may have touched every page."""
    async with file.schema_transaction():
        await file.execute("create index thing_n on thing (n)")
    await add(file, 1)
    assert [WRITER] == written_back


async def test_the_log_is_written_back_by_the_writer_if_no_reader_is_idle(
    file: Database, written_back: list[str]
) -> None:
    """Then it is done later, or where nothing was read so far."""
    await add(file, 300)
    assert [] == written_back
    await add(file, 200, 300)
    assert [WRITER] == written_back


async def test_the_log_of_a_few_large_rows_is_written_back_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """They count little and fill much; so do those of a process that is killed before it has written many."""
    monkeypatch.setattr(driver, "_LONGEST_LOG", 100)
    log = tmp_path / "crm.db-wal"
    database = Database.from_url(f"sqlite:///{tmp_path / 'crm.db'}")
    await database.open()
    await database.execute("create table thing (id text primary key, body text)")
    for n in range(50):
        await database.execute("insert into thing (id, body) values ($1, $2)", str(n), "x" * 40_000)
    assert log.stat().st_size < 1_000_000
    await database.close()


async def test_a_long_read_in_a_transaction_does_not_spoil_it(file: Database) -> None:
    """It is ended on the loop's thread and run again on the writer's, inside the same transaction."""
    async with file.transaction():
        await file.execute("insert into thing (id, n) values ($1, $2)", "b", 5)
        assert 200000 == await file.fetch_value(SLOW)
        assert 5 == await file.fetch_value("select n from thing where id = $1", "b")
    assert 2 == await file.fetch_value("select count(*) from thing")


@pytest.mark.parametrize(
    ("sql", "reads"),
    [
        ("select 1", True),
        ("  \n (select 1)", True),
        ("SELECT\n1", True),
        ("with a as (select 1) select * from a", True),
        ("with a as (select 1) insert into t select * from a", False),
        ("insert into t values (1) returning id", False),
        ("update t set a = 1", False),
        ("pragma foreign_keys = off", False),
        ("delete from t", False),
        ("selection", False),
    ],
)
def test_what_only_reads_is_told_from_its_text(sql: str, reads: bool) -> None:
    """In doubt it writes."""
    assert reads is only_reads(sql)


@pytest.mark.parametrize(
    ("sql", "few"),
    [
        ("insert into t (a, b) values ($1, $2)", True),
        ('insert into "t" ("a") values ($1)', True),
        ("insert into t as t (a) values ($1)", True),
        ("insert into t (a) values (0, $1)" + ", (0, $2)" * 19, True),
        ("insert into t (a) values (0, $1)" + ", (0, $2)" * 20, False),
        ("insert into t (a) values ($1), ((select count(*) from u))", False),
        ("insert into t (a) values ($1) on conflict (a) do update set b = excluded.b where t.b <> excluded.b", True),
        ("insert into t (a) values ($1) on conflict (a) do update set b = (select count(*) from u)", False),
        ("update t set a = $3, b = b + 1 where id = $1 and version = $2", True),
        ("savepoint crm_1", True),
        ("release savepoint crm_1", True),
        ("insert into t (a) select a from u", False),
        ("insert into t (a) values ((select count(*) from u))", False),
        ("update t set a = (select count(*) from u) where id = $1", False),
        ("update t set a = 1", False),
        ("update t set a = 1 where id = $1 or 1 = 1", False),
        ("update t set a = 1 where a = $1", False),
        ("delete from t where id = $1", False),
        ("rollback to savepoint crm_1", False),
        ("insert into t (a) values ($1); delete from t", False),
    ],
)
def test_what_writes_few_rows_is_told_from_its_text(sql: str, few: bool) -> None:
    """In doubt it may be many."""
    assert few is writes_few_rows(sql)


async def test_readers_cannot_write(file: Database) -> None:
    """Should a statement's text deceive, SQLite refuses it."""
    reader = await file._driver.readers.take()
    try:
        with pytest.raises(Unavailable, match="readonly"):
            await reader.execute("insert into thing values ('b', 1)", ())
    finally:
        file._driver.readers.give(reader)


def test_a_read_waits_for_a_process_that_opens_the_file() -> None:
    """Only in the thread: the event loop waits for nobody."""
    tries = []

    def work(raw: object) -> str:
        tries.append(raw)
        if len(tries) < 3:
            busy = sqlite3.OperationalError("database is locked")
            busy.sqlite_errorcode = sqlite3.SQLITE_BUSY
            raise busy
        return "read"

    assert "read" == statements.patiently(work, None)  # type: ignore[arg-type]
    assert 3 == len(tries)


async def test_a_cancelled_statement_does_not_disturb_the_next_user(file: Database) -> None:
    """The connection's thread is still ending it when the next one comes: they take turns."""
    for _ in range(20):
        task = asyncio.create_task(file.fetch_value(SLOW.replace("200000", "2000000")))
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        task.cancel()
        assert [1] * 4 == await asyncio.gather(*(file.fetch_value("select n from thing") for _ in range(4)))
        with pytest.raises(asyncio.CancelledError):
            await task


async def test_the_event_loop_does_not_wait_for_a_cancelled_statement(file: Database) -> None:
    """While the thread is still at it, the next read on that connection goes to the thread too."""
    napped, go, loop, in_time = asyncio.Event(), threading.Event(), asyncio.get_running_loop(), list[bool]()

    def nap() -> None:
        loop.call_soon_threadsafe(napped.set)
        in_time.append(go.wait(5))

    sql = "select nap()"
    reader = await file._driver.readers.take()
    reader._raw.create_function("nap", 0, nap)
    reader._slow.add(sql)
    file._driver.readers.give(reader)
    napping = asyncio.create_task(file.fetch_value(sql))
    await napped.wait()
    napping.cancel()
    following = asyncio.create_task(file.fetch_value("select n from thing"))
    for _ in range(10):
        await asyncio.sleep(0)
    go.set()
    assert 1 == await following
    assert [True] == in_time


async def test_a_transaction_cancelled_while_it_waits_for_the_file_is_over(
    file: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """BEGIN may succeed after nobody wants it any more; the writer is free again all the same."""
    other = sqlite3.connect(tmp_path / "crm.db", isolation_level=None)
    other.execute("begin immediate")

    async def work() -> None:
        async with file.transaction():
            await file.execute("update thing set n = 9")

    task = asyncio.create_task(work())
    for _ in range(100):
        await asyncio.sleep(0)
    task.cancel()
    await asyncio.sleep(0)
    other.execute("commit")
    other.close()
    with pytest.raises(asyncio.CancelledError):
        await task
    async with asyncio.timeout(5), file.transaction():
        assert 1 == await file.fetch_value("select n from thing")


async def test_a_commit_that_was_asked_for_happens_though_the_task_is_cancelled(
    file: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nobody can take it back, so it is not half done either."""
    asked, go, loop = asyncio.Event(), threading.Event(), asyncio.get_running_loop()
    really = statements.commit

    def slowly(raw: sqlite3.Connection) -> None:
        loop.call_soon_threadsafe(asked.set)
        go.wait(5)
        really(raw)

    monkeypatch.setattr(statements, "commit", slowly)

    async def work() -> None:
        async with file.transaction():
            await file.execute("update thing set n = 9")

    task = asyncio.create_task(work())
    await asked.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert not file.in_transaction
    following = asyncio.create_task(_read_in_transaction(file))
    for _ in range(10):
        await asyncio.sleep(0)
    go.set()
    assert 9 == await following


async def _read_in_transaction(file: Database) -> int:
    async with file.transaction():
        return int(await file.fetch_value("select n from thing"))


async def test_a_transaction_cancelled_in_the_moment_it_begins_is_over(
    file: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It had begun when the cancellation came: the next one finds no half-open transaction."""
    begun, go, loop = asyncio.Event(), threading.Event(), asyncio.get_running_loop()
    really = statements.begin

    def slowly(raw: sqlite3.Connection) -> None:
        really(raw)
        loop.call_soon_threadsafe(begun.set)
        go.wait(5)

    monkeypatch.setattr(statements, "begin_now", lambda raw: False)
    monkeypatch.setattr(statements, "begin", slowly)
    task = asyncio.create_task(_read_in_transaction(file))
    await begun.wait()
    task.cancel()
    await asyncio.sleep(0)
    go.set()
    with pytest.raises(asyncio.CancelledError):
        await task
    monkeypatch.undo()
    assert 1 == await _read_in_transaction(file)


async def test_a_worker_leaves_out_what_nobody_wants_and_does_what_must_be_done() -> None:
    """A statement that was cancelled before its turn is left out, a rollback never."""
    worker, go, done = Worker("test"), threading.Event(), list[str]()
    first = worker.call(go.wait, 5)
    statement, rollback = worker.call(done.append, "statement"), worker.call(done.append, "rollback", always=True)
    statement.cancel()
    rollback.cancel()
    go.set()
    await first
    await worker.call(done.append, "last")
    assert ["rollback", "last"] == done
    worker.stop()


async def test_the_settings_of_a_connection(file: Database) -> None:
    """What safety and speed rest on."""
    wanted = {"journal_mode": "wal", "foreign_keys": 1, "synchronous": 1, "busy_timeout": 5000}
    async with file.transaction():
        found = {name: await file.fetch_value(f"select * from pragma_{name}") for name in wanted}
    assert wanted == found
    assert 1 == await file.fetch_value("select * from pragma_foreign_keys")


async def test_foreign_keys_count_again_after_a_migration(file: Database) -> None:
    """They rest in it, on the writer alone."""
    async with file.schema_transaction():
        assert 0 == await file.fetch_value("select * from pragma_foreign_keys")
    async with file.transaction():
        assert 1 == await file.fetch_value("select * from pragma_foreign_keys")


async def test_text_is_folded_as_unicode_has_it(file: Database) -> None:
    """SQLite's own functions know ASCII only."""
    assert "strasse ärger" == await file.fetch_value("select crm_fold($1)", "STRAẞE ÄRGER")
    assert await file.fetch_value("select crm_fold(null)") is None


async def test_numbers_are_written_with_all_their_digits(file: Database) -> None:
    """Older versions of SQLite print fifteen."""
    assert "0.30000000000000004" == await file.fetch_value("select crm_float(0.1 + 0.2)")
    assert await file.fetch_value("select crm_float(9e999)") is None


async def test_closing_writes_the_log_back_though_others_have_the_file_open(file: Database, tmp_path: Path) -> None:
    """SQLite by itself does so only when the last one leaves."""
    other = sqlite3.connect(tmp_path / "crm.db")
    other.execute("select * from thing").fetchall()
    await file.execute("update thing set n = 2")
    assert (tmp_path / "crm.db-wal").stat().st_size > 0
    await file.close()
    assert 0 == (tmp_path / "crm.db-wal").stat().st_size
    other.close()


async def test_closing_leaves_one_file(file: Database, tmp_path: Path) -> None:
    """The log is written back, so that the file alone can be copied."""
    await file.execute("update thing set n = 2")
    await file.close()
    assert ["crm.db"] == os.listdir(tmp_path)
