"""SQLite's transactions of requests that end in the same round of the event loop are committed as one; nobody can tell."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from crmcore.database import Database, ReferenceViolation, UniqueViolation
from crmcore.database.sqlite import statements, writer
from crmcore.database.tally import TALLY, Tally
from crmcore.errors import Refusal, Unavailable

ADD = "insert into note (id, text) values ($1, $2)"
#: Writes, and takes longer than anybody waits.
ENDLESS = (
    "update note set text = (with recursive n(i) as (select 1 union all select i + 1 from n) select max(i) from n)"
)


@pytest.fixture
def commits(monkeypatch: pytest.MonkeyPatch) -> list[None]:
    """The commits on the event loop's thread, as they come."""
    seen, really = list[None](), statements.commit_now

    def counted(raw: sqlite3.Connection) -> None:
        seen.append(None)
        really(raw)

    monkeypatch.setattr(statements, "commit_now", counted)
    return seen


async def request(database: Database, unit: Callable[[], Awaitable[None]]) -> None:
    """Serve a request that does a unit of work, as often as it takes."""

    async def attempt() -> None:
        async with database.transaction():
            await unit()

    TALLY.set(Tally("request"))
    await database.retrying(attempt)


def adding(database: Database, id: int, text: str = "new") -> asyncio.Task[None]:
    """A request that writes a note."""

    async def add() -> None:
        await database.execute(ADD, id, text)

    return asyncio.create_task(request(database, add))


async def written(database: Database) -> list[int]:
    return [id for (id,) in await database.fetch("select id from note order by place")]


async def rounds(count: int = 5) -> None:
    for _ in range(count):
        await asyncio.sleep(0)


async def test_those_that_end_in_one_round_are_one_commit(notes: Database, commits: list[None]) -> None:
    """In the order in which they came; and they are counted."""
    await asyncio.gather(*(adding(notes, n) for n in range(12)))
    assert [*range(12)] == await written(notes)
    assert [None] == commits
    assert (1, 12) == (notes.watch.commits, notes.watch.committed)


async def test_each_sees_what_those_before_it_wrote(notes: Database) -> None:
    """They run one after the other, as ever: no update is lost."""
    await notes.execute(ADD, 0, "0")

    async def count() -> None:
        text = await notes.fetch_value("select text from note where id = $1", 0)
        await notes.execute("update note set text = $2 where id = $1", 0, str(int(text) + 1))

    await asyncio.gather(*(asyncio.create_task(request(notes, count)) for _ in range(20)))
    assert "20" == await notes.fetch_value("select text from note where id = $1", 0)
    assert notes.watch.committed > 1


async def test_nobody_hears_before_the_commit(notes: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    """And no reader sees anything."""
    tasks, really = list[asyncio.Task[None]](), statements.commit_now
    seen = list[tuple[int, int]]()
    reader = sqlite3.connect(notes.url.removeprefix("sqlite:///"))

    def watched(raw: sqlite3.Connection) -> None:
        (rows,) = reader.execute("select count(*) from note").fetchone()
        seen.append((sum(task.done() for task in tasks), rows))
        really(raw)

    monkeypatch.setattr(statements, "commit_now", watched)
    tasks += [adding(notes, n) for n in range(6)]
    await asyncio.gather(*tasks)
    reader.close()
    assert [(0, 0)] == seen


async def test_many_rows_are_not_held_back(notes: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever writes the row that is too much commits all."""
    monkeypatch.setattr(writer, "_FEW", 5)
    await asyncio.gather(*(adding(notes, n) for n in range(20)))
    assert [*range(20)] == await written(notes)
    assert notes.watch.commits >= 3
    assert notes.watch.committed / notes.watch.commits <= 6


async def test_who_fails_fails_alone(notes: Database, commits: list[None]) -> None:
    """What it wrote before is gone, the others are committed, and before it hears of its own."""

    async def twice() -> None:
        await notes.execute(ADD, 100, "gone")
        await notes.execute(ADD, 1, "taken")

    first, failing, last = adding(notes, 1), asyncio.create_task(request(notes, twice)), adding(notes, 2)
    with pytest.raises(UniqueViolation):
        await failing
    assert first.done()
    await asyncio.gather(first, last)
    assert [1, 2] == await written(notes)


async def test_who_is_done_has_no_savepoint_any_more(notes: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    """SQLite keeps the old pages of each that is open."""
    told = list[str]()
    for name in ("save", "release"):
        monkeypatch.setattr(statements, name, _telling(getattr(statements, name), told, name))
    await asyncio.gather(*(adding(notes, n) for n in range(4)))
    assert ["save", "release"] * 3 == told


def _telling(work: Callable[..., None], told: list[str], name: str) -> Callable[..., None]:
    def tell(raw: sqlite3.Connection) -> None:
        told.append(name)
        work(raw)

    return tell


async def test_a_savepoint_inside_is_its_own(notes: Database) -> None:
    """What fails in it is undone; what is around it, and the others, stay."""

    async def inner(id: int) -> None:
        await notes.execute(ADD, id, "outer")
        with pytest.raises(UniqueViolation):
            async with notes.transaction():
                await notes.execute(ADD, id + 100, "inner")
                await notes.execute(ADD, id, "taken")

    tasks = [adding(notes, 1), asyncio.create_task(request(notes, lambda: inner(2))), adding(notes, 3)]
    await asyncio.gather(*tasks)
    assert [1, 2, 3] == await written(notes)
    assert notes.watch.committed > 1


async def test_who_is_cut_off_undoes_its_own(notes: Database) -> None:
    """In the middle of the group: those before it and behind it are committed."""

    async def hanging() -> None:
        await notes.execute(ADD, 2, "half")
        await asyncio.Event().wait()

    first, cut = adding(notes, 1), asyncio.create_task(request(notes, hanging))
    last = adding(notes, 3)
    await rounds()
    assert not first.done()
    assert not last.done()
    cut.cancel()
    with pytest.raises(asyncio.CancelledError):
        await cut
    await asyncio.gather(first, last)
    assert [1, 3] == await written(notes)


async def test_who_is_cut_off_while_it_waits_is_committed(notes: Database) -> None:
    """As with any commit that was asked for."""
    go = asyncio.Event()

    async def waiting() -> None:
        await notes.execute(ADD, 2, "late")
        await go.wait()

    first, last = adding(notes, 1), asyncio.create_task(request(notes, waiting))
    await rounds()
    first.cancel()
    with pytest.raises(asyncio.CancelledError):
        await first
    go.set()
    await last
    assert [1, 2] == await written(notes)


async def test_who_is_undone_with_another_is_run_again(notes: Database) -> None:
    """SQLite ends the whole transaction when a statement is interrupted that writes."""
    await notes.execute(ADD, 0, "there")
    began, runs = asyncio.Event(), list[int]()

    async def endless() -> None:
        began.set()
        await notes.execute(ENDLESS)

    async def add() -> None:
        runs.append(1)
        await notes.execute(ADD, 1, "new")

    first = asyncio.create_task(request(notes, add))
    cut = asyncio.create_task(request(notes, endless))
    await began.wait()
    await asyncio.sleep(0.05)  # until the statement is under way in its thread
    assert not first.done()
    cut.cancel()
    with pytest.raises(asyncio.CancelledError):
        await cut
    await first
    assert 2 == len(runs)
    assert [(0, "there"), (1, "new")] == await notes.fetch("select id, text from note order by id")


async def test_who_is_not_run_again_commits_at_once(notes: Database, commits: list[None]) -> None:
    """It could not be undone with another."""

    async def plain(id: int) -> None:
        TALLY.set(Tally("request"))
        async with notes.transaction():
            await notes.execute(ADD, id, "new")

    await asyncio.gather(*(asyncio.create_task(plain(n)) for n in range(4)))
    assert 4 == len(commits)
    assert 0 == notes.watch.committed


async def test_who_serves_no_request_holds_nobody_up(notes: Database) -> None:
    """An import may have the transaction for long: what was done before it is committed before it begins."""
    go = asyncio.Event()

    async def long() -> None:
        async with notes.transaction():
            await go.wait()
            await notes.execute(ADD, 2, "imported")

    first, importing = adding(notes, 1), asyncio.create_task(long())
    await first
    assert not importing.done()
    go.set()
    await importing
    assert [1, 2] == await written(notes)


def _soon(over: Callable[[writer.SqliteWriter], None], one: writer.SqliteWriter) -> None:
    asyncio.get_running_loop().call_later(0.2, over, one)


async def test_a_statement_of_its_own_is_no_part_of_others(notes: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is kept when whoever asked for it hears: what was done before it is committed first."""
    inside, really = dict[str, bool](), statements.execute

    def watched(raw: sqlite3.Connection, sql: str, bound: dict[str, Any]) -> int:
        inside[bound["2"]] = raw.in_transaction
        return really(raw, sql, bound)

    monkeypatch.setattr(statements, "execute", watched)

    async def alone() -> None:
        await asyncio.sleep(0)  # as a transaction does before it begins
        await notes.execute(ADD, 2, "alone")

    over = writer.SqliteWriter._round_over
    # The round is not over before the statement has been run in its thread.
    monkeypatch.setattr(writer.SqliteWriter, "_round_over", lambda one: _soon(over, one))
    await asyncio.gather(adding(notes, 1), asyncio.create_task(alone()))
    assert {"new": True, "alone": False} == inside
    assert [1, 2] == await written(notes)


async def test_where_the_file_cannot_be_written_all_are_told(notes: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    """And nothing is kept, or done again."""
    commits = list[None]()

    def full(raw: sqlite3.Connection) -> None:
        commits.append(None)
        raw.execute("rollback")
        error = sqlite3.OperationalError("database or disk is full")
        error.sqlite_errorcode = sqlite3.SQLITE_FULL
        raise error

    with monkeypatch.context() as patched:
        patched.setattr(statements, "commit_now", full)
        answers = await asyncio.gather(*(adding(notes, n) for n in range(3)), return_exceptions=True)
    assert [Unavailable] * 3 == [type(answer) for answer in answers]
    assert [None] == commits
    assert [] == await written(notes)


async def test_who_fails_the_commit_hears_of_it_and_the_others_are_kept(notes: Database) -> None:
    """Where a link is checked with the commit, nobody knows whose it was: all are run again, and committed alone."""
    await notes.script(
        ["create table link (id integer primary key, note int references note (id) deferrable initially deferred)"]
    )

    runs = list[None]()

    async def astray() -> None:
        runs.append(None)
        await notes.execute("insert into link (id, note) values ($1, $2)", 1, 404)

    answers = await asyncio.gather(
        adding(notes, 1), asyncio.create_task(request(notes, astray)), adding(notes, 2), return_exceptions=True
    )
    assert [None, ReferenceViolation, None] == [answer and type(answer) for answer in answers]
    assert [1, 2] == sorted(await written(notes))
    assert [] == await notes.fetch("select * from link")
    assert 2 == len(runs)


async def test_a_writer_that_is_closed_commits_what_is_done(notes: Database) -> None:
    """Nobody is left waiting."""
    go = asyncio.Event()

    async def refused() -> None:
        await go.wait()
        raise Refusal("no")

    first, refusing = adding(notes, 1), asyncio.create_task(request(notes, refused))
    await rounds()
    closing = asyncio.create_task(notes.close())
    await rounds()
    go.set()
    with pytest.raises(Refusal):
        await refusing
    await asyncio.gather(first, closing)
    raw = sqlite3.connect(notes.url.removeprefix("sqlite:///"))
    assert [(1,)] == raw.execute("select id from note").fetchall()
    raw.close()
