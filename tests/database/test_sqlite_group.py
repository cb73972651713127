"""SQLite's transactions that wait for nothing are run by one statement, one after the other, in one transaction; nobody can tell."""

from __future__ import annotations

import asyncio
import sqlite3
import sys
from collections.abc import Sequence
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any, ClassVar
from uuid import UUID

import pytest

from crmcore import Actor, Crm, Settings
from crmcore.database import Contention, Database, StatementTimeout, UniqueViolation, group_commit
from crmcore.database.group_commit import Unread
from crmcore.database.sqlite import program, statements
from crmcore.database.sqlite.program import Program, Programs
from crmcore.errors import Invalid, Unavailable
from tests.database.test_sqlite_together import adding

ADD = "insert into note (id, text) values ($1, $2)"
READ = "select text, (select count(*) from note) from note where id = $1"


@pytest.fixture
def groups(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """How many went together, each time that some did."""
    seen, really = list[int](), Programs.run

    def counted(programs: Programs, program: Program, rows: Sequence[Any]) -> Any:
        seen.append(len(rows))
        return really(programs, program, rows)

    monkeypatch.setattr(Programs, "run", counted)
    return seen


async def note(database: Database, id: int, text: Any, *sql: str) -> list[tuple[Any, ...]]:
    async with database.transaction(hopeful=True):
        for statement in sql or (ADD,):
            await database.later(statement, id, text)
        rows: list[tuple[Any, ...]] = await database.fetch_last(READ, id)
    return rows


async def several(database: Database, *notes: tuple[int, Any], sql: tuple[str, ...] = ()) -> list[Any]:
    answers: list[Any] = await asyncio.gather(*(note(database, *one, *sql) for one in notes), return_exceptions=True)
    return answers


async def written(database: Database) -> list[int]:
    return [id for (id,) in await database.fetch("select id from note order by place")]


async def test_they_are_one_transaction_and_each_has_its_own_answer(notes: Database, groups: list[int]) -> None:
    """Also the first time, and in the order in which they were ready; they are counted. It is what there was after its own."""
    answers = await several(notes, *((n, f"text {n}") for n in range(13)))
    assert [[(f"text {n}", n + 1)] for n in range(13)] == answers
    assert [*range(13)] == await written(notes)
    assert [13] == groups
    assert (1, 13) == (notes.watch.commits, notes.watch.committed)


async def test_who_is_alone_goes_the_same_way(notes: Database, groups: list[int]) -> None:
    """One statement instead of many."""
    assert [("alone", 1)] == await note(notes, 1, "alone")
    assert [1] == groups


async def test_each_sees_what_those_before_it_wrote(notes: Database) -> None:
    """All statements of one come before those of the next."""
    twice = (ADD, "update note set text = text || (select count(*) from note) where id = $1 and $2 is not null")
    answers = await several(notes, *((n, "n") for n in range(5)), sql=twice)
    assert [f"n{n}" for n in range(1, 6)] == [rows[0][0] for rows in answers]


async def test_what_fails_fails_alone(notes: Database, groups: list[int]) -> None:
    """Who is to blame hears of it, the others are committed, and nothing is left open."""
    await note(notes, 3, "there")
    answers = await several(notes, *((n, "new") for n in range(6)))
    assert isinstance(answers[3], UniqueViolation)
    assert ("note", ("id",)) == (answers[3].table, answers[3].columns)
    assert sorted(await written(notes)) == [*range(6)]
    assert [1, 6] == groups
    await notes.execute(ADD, 6, "and on")


async def test_who_is_refused_alone_is_not_run_twice(
    notes: Database, groups: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The failure of a group of one is its own."""
    await note(notes, 1, "there")
    monkeypatch.delattr(statements, "begin_now")  # with which it would begin again
    with pytest.raises(UniqueViolation):
        await note(notes, 1, "new")
    assert [1, 1] == groups
    assert [("and on", 2)] == await note(notes, 2, "and on")


async def test_values_are_what_they_are_alone(notes: Database) -> None:
    """Whatever their type, and however much it looks like another one."""
    values = ["5", "5.0", 5, 5.0, 2**62, 1e300, None, True, b"\0x", "'$1'", UUID(int=5), date(2026, 1, 31)]
    values += [datetime(2026, 1, 31, 9, 30, tzinfo=UTC), ["$1", 2], {"a": None}]
    await notes.script(["create table thing (id int, any blob)"])
    look = "select typeof(any), any from thing where id = $1"
    add = "insert into thing (id, any) values ($1, $2)"

    async def one(id: int, value: Any) -> Any:
        async with notes.transaction(hopeful=True):
            await notes.later(add, id, value)
            return await notes.fetch_last(look, id)

    at_once = await asyncio.gather(*(one(n, value) for n, value in enumerate(values)))
    for n, value in enumerate(values):
        await notes.execute(add, 100 + n, value)
        assert at_once[n] == await notes.fetch(look, 100 + n)
    assert (1, len(values)) == (notes.watch.commits, notes.watch.committed)


async def test_a_value_that_cannot_be_stored_is_its_owners(notes: Database) -> None:
    """The others are committed."""
    answers = await several(notes, (1, "fine"), (2, "a\0b"), (3, "a\ud800"), (4, 2**70), (5, "fine"))
    assert [False, True, True, True, False] == [isinstance(answer, Invalid) for answer in answers]
    assert [1, 5] == await written(notes)


async def test_what_looks_like_a_placeholder_in_a_text_is_none(notes: Database, groups: list[int]) -> None:
    """Quotes hold texts."""
    answers = await several(notes, (1, "x"), (2, "y"), sql=("insert into note (id, text) values ($1, '$2' || $2)",))
    assert ["$2x", "$2y"] == [rows[0][0] for rows in answers]
    assert [2] == groups


async def test_each_statement_has_values_of_its_own(notes: Database, groups: list[int]) -> None:
    """They are numbered from one in each."""
    async with notes.transaction(hopeful=True):
        await notes.later(ADD, 1, "x")
        await notes.later("insert into note (text, id) values ($1, $2)", "y", 2)
        await notes.later("update note set text = $2 || text || $2 where id = $1", 2, "z")
        assert [("zyz", 2)] == await notes.fetch_last(READ, 2)
    assert [("x",)] == await notes.fetch("select text from note where id = 1")
    assert [1] == groups


async def test_a_statement_that_is_none_of_a_trigger_goes_alone(notes: Database, groups: list[int]) -> None:
    """Such as one with an alias."""
    sql = ("insert into note as n (id, text) values ($1, $2)",)
    for first in (0, 10):
        answers = await several(notes, *((first + n, "x") for n in range(4)), sql=sql)
        assert ["x"] * 4 == [rows[0][0] for rows in answers]
    assert [] == groups
    await several(notes, *((n, "x") for n in range(20, 24)))
    assert [4] == groups


async def test_what_was_done_before_them_is_committed_before_them(notes: Database, groups: list[int]) -> None:
    """Transactions that end in the same round wait for its end; a group ends that wait."""
    await asyncio.gather(
        *(adding(notes, n) for n in range(3)), note(notes, 7, "x"), *(adding(notes, n) for n in (4, 5))
    )
    assert [0, 1, 2, 4, 5, 7] == sorted(await written(notes))
    assert [1] == groups


async def test_a_change_of_the_schema_knows_nothing_of_them(notes: Database) -> None:
    """SQLite would look into their triggers, and refuse."""
    await note(notes, 1, "x")
    async with notes.schema_transaction():
        await notes.execute("create table newer (place integer primary key, id int unique, text text)")
        await notes.execute("drop table note")
        await notes.execute("alter table newer rename to note")
    assert [("y", 1)] == await note(notes, 2, "y")


async def test_what_takes_too_long_is_ended(tmp_path: Path) -> None:
    """Also after a change of the schema, which has no limit."""
    database = Database.from_url(f"sqlite:///{tmp_path / 'notes.db'}", statement_timeout=0.2)
    await database.open()
    async with database.schema_transaction():
        await database.execute("create table note (place integer primary key, id int unique, text text)")
    endless = (
        "update note set text = (select max(a.text || b.text || c.text || d.text || e.text) "
        "from note a, note b, note c, note d, note e) where $1 and $2"
    )
    await database.execute_many(ADD, [(n, "x" * 9) for n in range(200)])
    with pytest.raises(StatementTimeout):
        await note(database, 1, 1, endless)
    assert [("y", 201)] == await note(database, 300, "y")
    await database.close()


async def test_more_than_are_kept_are_made_anew(notes: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    """A connection does not keep more of them."""
    monkeypatch.setattr(program, "_MOST", 2)
    for n in range(6):
        sql = (f"insert into note (id, text) values ($1, $2 || {n % 3})",)
        assert [(f"x{n % 3}", n + 1)] == await note(notes, n, "x", *sql)
    async with notes.transaction():
        assert 2 == await notes.fetch_value("select count(*) from temp.sqlite_master where type = 'view'")


@pytest.mark.parametrize(("widest", "sizes"), [(3, []), (4, [5])])
async def test_more_values_than_sqlite_takes_go_alone(
    notes: Database, groups: list[int], monkeypatch: pytest.MonkeyPatch, widest: int, sizes: list[int]
) -> None:
    """Those of the answer count as well."""
    monkeypatch.setattr(program, "_WIDEST", widest)
    answers = await several(notes, *((n, "x") for n in range(5)))
    assert ["x"] * 5 == [rows[0][0] for rows in answers]
    assert [*range(5)] == sorted(await written(notes))
    assert sizes == groups


@pytest.mark.parametrize("count", [1, 2, 3, 5, 9, 16])
async def test_a_statement_is_kept_for_few_sizes(
    notes: Database, groups: list[int], monkeypatch: pytest.MonkeyPatch, count: int
) -> None:
    """Rows that nobody needs do nothing."""
    really, sizes = program._insert, list[int]()
    monkeypatch.setattr(program, "_insert", lambda *args: (sizes.append(args[2]), really(*args))[1])
    answers = await several(notes, *((n, "x") for n in range(count)))
    assert [[("x", n + 1)] for n in range(count)] == answers
    assert [*range(count)] == await written(notes)
    assert [1, {3: 4, 5: 8, 9: 16}.get(count, count)] == sizes  # the first when it is made
    assert [count] == groups


async def test_more_than_go_together_do_as_well(notes: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    """Who says how many go together need not know of it."""
    monkeypatch.setattr(group_commit, "_MOST", 20)
    answers = await several(notes, *((n, "x") for n in range(20)))
    assert [[("x", n + 1)] for n in range(20)] == answers


async def test_an_answer_of_several_rows_has_them_in_order(notes: Database, groups: list[int]) -> None:
    """Or none."""
    await notes.script(["create table thing (id int, any text)"])
    await notes.execute_many("insert into thing values ($1, $2)", [(1, "a"), (1, "c"), (1, "b"), (3, "x")])

    async def one(id: int) -> Any:
        async with notes.transaction(hopeful=True):
            await notes.later(ADD, id, "x")
            return await notes.fetch_last("select any, id from thing where id = $1 order by any desc", id)

    answers = await asyncio.gather(*(one(id) for id in (1, 2, 3)))
    assert [[("c", 1), ("b", 1), ("a", 1)], [], [("x", 3)]] == answers
    assert [3] == groups


async def test_an_answer_that_cannot_be_made_is_one_s_own(notes: Database, groups: list[int]) -> None:
    """Nothing is written for whom it fails, and the others are committed."""
    read = "select abs(-9223372036854775807 - $1) from note where id = $1"

    async def one(id: int) -> Any:
        async with notes.transaction(hopeful=True):
            await notes.later(ADD, id, "x")
            return await notes.fetch_last(read, id)

    answers = await asyncio.gather(*(one(id) for id in (-3, 1, -2)), return_exceptions=True)
    assert [False, True, False] == [isinstance(answer, Exception) for answer in answers]
    assert [-3, -2] == sorted(await written(notes))
    assert [3] == groups


async def test_what_is_committed_is_not_told_as_if_it_were_not(notes: Database) -> None:
    """Answers that were interrupted are read again; where they cannot be read, nobody does the same once more, or is told them."""
    connection = sqlite3.connect(":memory:", isolation_level=None)
    connection.execute("create table note (id int, text text)")
    made = Program.of([(ADD, 2)], ("select text from note where id = $1", 1))

    class Failing:
        failures: ClassVar = [sqlite3.SQLITE_INTERRUPT, sqlite3.SQLITE_INTERRUPT, sqlite3.SQLITE_IOERR]

        def execute(self, sql: str, *args: Any) -> Any:
            if sql.startswith("delete") and self.failures:
                error = sqlite3.OperationalError("interrupted")
                error.sqlite_errorcode = self.failures.pop(0)
                raise error
            return connection.execute(sql, *args)

    programs = Programs(Failing())  # type: ignore[arg-type]
    with pytest.raises(Unavailable):
        programs.run(made, [(1, "x", 1)])
    assert [(1,)] == connection.execute("select id from note").fetchall()
    Failing.failures = [sqlite3.SQLITE_INTERRUPT] * 2
    assert [[("y",)], [("z",)]] == programs.run(made, [(2, "y", 2), (3, "z", 3)])
    assert [(1,), (2,), (3,)] == connection.execute("select id from note").fetchall()
    connection.close()


@pytest.mark.parametrize("code", [sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR])
async def test_where_there_is_no_room_all_hear_of_it(
    notes: Database, monkeypatch: pytest.MonkeyPatch, code: int
) -> None:
    """Nobody would do better alone."""
    calls = list[None]()

    def full(*_: Any) -> None:
        calls.append(None)
        error = sqlite3.OperationalError("no room")
        error.sqlite_errorcode = code
        raise error

    monkeypatch.setattr(Programs, "run", full)
    answers = await several(notes, *((n, "x") for n in range(4)))
    assert [Unavailable] * 4 == list(map(type, answers))
    assert [None] == calls
    assert [] == await written(notes)


async def test_a_commit_that_fails_keeps_nothing(notes: Database) -> None:
    """A link is looked at with the commit; each is then committed alone."""
    await notes.script(["create table child (id int, of int references note (id) deferrable initially deferred)"])

    async def one(id: int, of: int) -> Any:
        async with notes.transaction(hopeful=True):
            await notes.later("insert into child (id, of) values ($1, $2)", id, of)
            return await notes.fetch_last("select of from child where id = $1", id)

    await notes.execute(ADD, 1, "x")
    answers = await asyncio.gather(one(1, 1), one(2, 9), one(3, 1), return_exceptions=True)
    assert [False, True, False] == [isinstance(answer, Exception) for answer in answers]
    assert [(1,), (3,)] == await notes.fetch("select id from child order by id")


async def test_the_file_may_be_another_process_s(notes: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    """Who is alone hears that it was locked; it is run again then."""
    other = sqlite3.connect(notes.url.removeprefix("sqlite:///"), isolation_level=None)
    await note(notes, 1, "x")
    async with notes.transaction():
        await notes.fetch("pragma busy_timeout = 0")
    other.execute("begin immediate")
    try:
        with pytest.raises(Contention):
            await note(notes, 2, "x")
    finally:
        other.close()
    assert [("y", 2)] == await note(notes, 2, "y")


async def test_who_is_cut_off_leaves_the_others(notes: Database) -> None:
    """A request that has gone waits no longer."""
    tasks = [asyncio.create_task(note(notes, n, "x")) for n in range(4)]
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    tasks[1].cancel()
    done = await asyncio.gather(*tasks, return_exceptions=True)
    assert isinstance(done[1], asyncio.CancelledError)
    assert {0, 2, 3} <= set(await written(notes))


async def test_threads_give_way_as_before_when_they_are_done(notes: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    """And at once while they are at it."""
    usual, seen, really = sys.getswitchinterval(), list[float](), Programs.run

    def watched(*args: Any) -> Any:
        seen.append(sys.getswitchinterval())
        return really(*args)

    monkeypatch.setattr(Programs, "run", watched)
    await several(notes, (1, "x"), (2, "y"))
    await several(notes, (2, "taken"))
    assert [True, True] == [interval < usual / 10 for interval in seen]
    assert usual == sys.getswitchinterval()


async def test_a_text_that_cannot_be_read_does_nothing_twice(notes: Database, groups: list[int]) -> None:
    """Another program may have written it; it is told when all is committed."""
    await notes.script(["create table said (id int, text text)", "insert into said values (1, cast(x'ff' as text))"])

    async def one(id: int) -> None:
        async with notes.transaction(hopeful=True):
            await notes.later(ADD, id, "x")
            try:
                await notes.fetch_last("select text from said where id = $1", id)
            finally:
                kept.append(notes.kept)

    kept = list[bool]()
    answers = await asyncio.gather(*(one(id) for id in range(3)), return_exceptions=True)
    assert [Unread] * 3 == [type(answer) for answer in answers]
    assert [True] * 3 == kept
    assert [0, 1, 2] == await written(notes)
    assert [3] == groups
    assert [("and on", 4)] == await note(notes, 3, "and on")


async def test_what_cannot_be_read_is_read_alone(tmp_path: Path, groups: list[int]) -> None:
    """Each record is there once; who has nothing to do with it hears of nothing."""
    create = """mutation ($customer: ID!) { createInteraction(data: {kind: "NOTE", customerId: $customer, subject: "Hello"}) {
        ... on Interaction { subject customer { displayName } } ... on Problem { code message } } }"""
    crm = Crm(Settings(database=f"sqlite:///{tmp_path / 'crm.db'}"), installed=False)
    await crm.start(migrate="always")
    try:
        add = "mutation ($name: String!) { createCustomer(data: {kind: PERSON, displayName: $name}) { ... on Customer { id } } }"
        made = [await crm.execute(add, {"name": name}, actor=Actor.system()) for name in ("Ada", "Bob", "Cy")]
        ids = [answer["data"]["createCustomer"]["id"] for answer in made]
        await crm.execute(create, {"customer": ids[0]}, actor=Actor.system())
        await crm.database.execute("update customer set display_name = cast(x'ff' as text) where display_name = 'Bob'")
        groups.clear()
        answers = await asyncio.gather(*(crm.execute(create, {"customer": id}, actor=Actor.system()) for id in ids))
        count = await crm.database.fetch_value("select count(*) from interaction")
    finally:
        await crm.stop()
    assert [3] == groups[:1]
    assert 4 == count
    assert ["Ada", "Cy"] == [answers[n]["data"]["createInteraction"]["customer"]["displayName"] for n in (0, 2)]
    assert answers[1]["errors"]
