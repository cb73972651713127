"""Transactions that wait for no statement but their last are committed together when they are ready at once; nobody can tell."""

from __future__ import annotations

import asyncio
import logging
from datetime import UTC, date, datetime
from functools import partial
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from crmcore.database import Database, UniqueViolation, group_commit
from crmcore.database.group_commit import Left
from crmcore.database.retrying import retrying
from crmcore.errors import Invalid

ADD = "insert into note (id, text) values ($1, $2)"
ADD_MANY = "insert into note (id, text) select $1, $2 from crm_given order by crm_given.n"
READ = "select text, pg_current_xact_id_if_assigned()::text from note where id = $1"


@pytest.fixture
async def notes(database: Database) -> Database:
    """A database with a table `note`."""
    if database.dialect == "sqlite":
        pytest.skip("SQLite commits where it is, and has no way to save")
    await database.script(["create table note (place bigserial, id int primary key, text text)"])
    return database


async def note(database: Database, id: int, text: str, *, many: str | None = ADD_MANY) -> list[tuple[Any, ...]]:
    async with database.transaction():
        await database.later(ADD, id, text, many=many)
        rows: list[tuple[Any, ...]] = await database.fetch_last(READ, id)
    return rows


async def together(database: Database, *notes: tuple[int, str], many: str | None = ADD_MANY) -> list[Any]:
    answers: list[Any] = await asyncio.gather(
        *(note(database, *one, many=many) for one in notes), return_exceptions=True
    )
    return answers


async def test_they_are_one_transaction_and_each_has_its_own_answer(notes: Database) -> None:
    """Also the first time, and in the order in which they were ready."""
    for first in (0, 100):
        answers = await together(notes, *((first + n, f"text {n}") for n in range(16)))
        assert [f"text {n}" for n in range(16)] == [rows[0][0] for rows in answers]
        assert 1 == len({rows[0][1] for rows in answers})
    written = [id for (id,) in await notes.fetch("select id from note order by place")]
    assert [*range(16), *range(100, 116)] == written


async def test_who_is_alone_goes_alone(notes: Database) -> None:
    """Nothing waits for company."""
    for n in range(3):
        ((text, _),) = await note(notes, n, "alone")
        assert "alone" == text


async def test_without_a_form_for_many_each_has_a_transaction_of_its_own(notes: Database) -> None:
    """Nobody knows then what one statement makes of what another one wrote."""
    answers = await together(notes, *((n, "x") for n in range(10)), many=None)
    assert 10 == len({rows[0][1] for rows in answers})


async def test_what_fails_fails_alone(notes: Database, caplog: pytest.LogCaptureFixture) -> None:
    """Who is to blame hears of it, and the others are committed."""
    caplog.set_level(logging.INFO, "crmcore.database.group_commit")
    await note(notes, 3, "there")
    await together(notes, (100, "x"), (101, "x"))

    answers = await together(notes, *((n, "new") for n in range(8)))

    assert [3] == [n for n, answer in enumerate(answers) if isinstance(answer, UniqueViolation)]
    assert [(n, "there" if n == 3 else "new") for n in range(8)] == await notes.fetch(
        "select id, text from note where id < 100 order by id"
    )
    assert "go alone" in caplog.text


async def test_what_no_database_stores_is_refused_alone(notes: Database) -> None:
    """In the words in which any statement refuses it."""
    answers = await together(notes, (1, "a"), (2, "\0"), (3, "\ud800"), (4, "b"))
    assert [None, "U+0000", "surrogate", None] == [
        next(word for word in ("U+0000", "surrogate") if word in str(answer)) if isinstance(answer, Invalid) else None
        for answer in answers
    ]
    assert [(1,), (4,)] == await notes.fetch("select id from note order by id")


async def test_values_are_made_once_for_all_of_a_statement_in_a_row(notes: Database) -> None:
    """What makes them runs again and again then, and is not slowed down by everything else in between."""
    order: list[str] = []

    def made(statement: str, id: int) -> list[Any]:
        order.append(statement)
        return [id, statement]

    async def unit(number: int) -> None:
        async with notes.transaction():
            for statement in ("first", "second"):
                number += 100
                await notes.leave(Left(ADD, partial(made, statement, number), ADD_MANY))
            await notes.fetch_last(READ, number)

    await asyncio.gather(*(unit(n) for n in range(8)))
    order.clear()
    await asyncio.gather(*(unit(n) for n in range(8, 16)))

    assert ["first"] * 8 + ["second"] * 8 == order
    assert 32 == await notes.fetch_value("select count(*) from note")


@pytest.mark.parametrize("busy", [False, True])
async def test_where_many_write_all_are_ready_before_the_first_begins(notes: Database, *, busy: bool) -> None:
    """What a beginning needs is then near the processor for all of them; who is alone begins at once."""
    order: list[str] = []

    async def begun() -> None:
        order.append("ready")
        async with notes.transaction():
            order.append("begun")

    group = [asyncio.create_task(note(notes, n, "x")) for n in range(8 * busy)]
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    await asyncio.gather(begun(), begun())
    await asyncio.gather(*group)

    expected = ["ready", "ready", "begun", "begun"] if busy else ["ready", "begun", "ready", "begun"]
    assert expected == order


async def test_values_that_cannot_be_made_are_ones_own_affair(notes: Database) -> None:
    """Whose they are hears of it, and the others are committed."""

    def made(id: int) -> list[Any]:
        return [id, str(10 // (id % 8))]

    async def unit(id: int) -> None:
        async with notes.transaction():
            await notes.leave(Left(ADD, partial(made, id), ADD_MANY))
            await notes.fetch_last(READ, id)

    for first in (0, 8):
        answers = await asyncio.gather(*(unit(first + n) for n in range(8)), return_exceptions=True)
        assert [ZeroDivisionError, *[type(None)] * 7] == [type(answer) for answer in answers]
    assert 14 == await notes.fetch_value("select count(*) from note")


async def test_a_value_that_is_a_list_is_the_same_for_all_who_go_together(notes: Database) -> None:
    """Who has another list goes with others."""
    add = "insert into note (id, text) select $1, $2 {} where $1 = any($3::int[])"
    lists = [[n for n in range(24) if n % 3 == part] for part in range(3)]

    async def one(id: int) -> list[tuple[Any, ...]]:
        async with notes.transaction():
            await notes.later(add.format(""), id, "x", lists[id % 3], many=add.format("from crm_given"))
            rows: list[tuple[Any, ...]] = await notes.fetch_last(READ, id)
        return rows

    for _ in range(2):  # the first time it is not known yet which values are lists
        answers = await asyncio.gather(*map(one, range(24)))
        written = await notes.fetch("select id from note order by id")
        await notes.execute("delete from note")
        assert [(n,) for n in range(24)] == written
    assert 3 == len({rows[0][1] for rows in answers})


async def test_who_leaves_before_it_went_out_has_done_nothing(notes: Database) -> None:
    """And who leaves afterwards keeps nobody from their answer."""
    await together(notes, (100, "x"), (101, "x"))
    tasks = [asyncio.create_task(note(notes, n, "x")) for n in range(5)]
    await asyncio.sleep(0)
    tasks[2].cancel()
    found = await asyncio.gather(*tasks, return_exceptions=True)
    assert [False, False, True, False, False] == [isinstance(answer, asyncio.CancelledError) for answer in found]
    assert [(0,), (1,), (3,), (4,)] == await notes.fetch("select id from note where id < 100 order by id")


async def test_lines_whose_groups_fail_rest(notes: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    """Trying in vain costs more than going alone."""
    monkeypatch.setattr(group_commit, "_REST", 3600.0)
    await note(notes, 0, "there")
    for first in range(100, 700, 100):
        await together(notes, (0, "taken"), *((first + n, "x") for n in range(4)))
    answers = await together(notes, *((n, "x") for n in range(1, 5)))
    assert 4 == len({rows[0][1] for rows in answers})


async def test_a_row_that_another_writes_is_waited_for(counter: Database) -> None:
    """What meets somebody else is done again by each, so nothing is lost."""
    if counter.dialect == "sqlite":
        pytest.skip("SQLite has one writer")
    await counter.script(["insert into counter select n, 0 from generate_series(2, 6) n"])
    add, many = (
        "update counter set n = n + 1 where id = $1",
        (
            "update counter c set n = c.n + m.count from (select $1 as id, count(*)::int as count from crm_given group by 1) m "
            "where c.id = m.id"
        ),
    )

    async def count(id: int) -> None:
        async def once() -> None:
            async with counter.transaction():
                await counter.later(add, id, many=many)
                await counter.fetch_last("select n from counter where id = $1", id)

        await retrying(once)

    async def another(id: int) -> None:
        async def once() -> None:
            async with counter.transaction():
                await counter.execute(add, id)
                await asyncio.sleep(0.01)

        await retrying(once)

    await asyncio.gather(*(count(1 + n % 6) for n in range(30)), *(another(1 + n) for n in range(6)))

    assert [(6,)] * 6 == await counter.fetch("select n from counter order by id")


KINDS = {
    "text": st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"])),
    "uuid": st.uuids(),
    "int": st.integers(-(2**31), 2**31 - 1),
    "bigint": st.integers(-(2**63), 2**63 - 1),
    "bool": st.booleans(),
    "float8": st.floats(allow_nan=False, allow_infinity=False),
    "date": st.dates(date(1, 1, 2)),
    "timestamptz": st.datetimes(datetime(1, 1, 2), datetime(9999, 12, 30), timezones=st.just(UTC)),
    "jsonb": st.sampled_from(['{"a": [1, "é", null]}', "[]", '"x"', "null"]),
}
ROWS = st.lists(st.tuples(*(st.none() | kind for kind in KINDS.values())), min_size=2, max_size=12)
_PLACES = ", ".join(f"${n}" for n in range(1, len(KINDS) + 2))


@given(rows=ROWS)
@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
async def test_values_are_what_they_are(holding: Database, rows: list[tuple[Any, ...]]) -> None:
    """Whatever their types, and in whatever company."""

    async def write(id: int, row: tuple[Any, ...]) -> list[tuple[Any, ...]]:
        async with holding.transaction():
            sql, many = f"insert into held values ({_PLACES})", f"insert into held select {_PLACES} from crm_given"
            await holding.later(sql, id, *row, many=many)
            return await holding.fetch_last("select *, pg_current_xact_id()::text from held where c0 = $1", id)

    answers = await asyncio.gather(*(write(n, row) for n, row in enumerate(rows)))
    assert 1 == len({shown[-1] for (shown,) in answers})
    await holding.execute("delete from held")
    alone = [await write(n, row) for n, row in enumerate(rows)]
    await holding.execute("delete from held")
    assert [shown[:-1] for (shown,) in alone] == [shown[:-1] for (shown,) in answers]


@pytest.fixture
async def holding(database: Database) -> Database:
    """A database with a table `held` that has a column of each type."""
    if database.dialect == "sqlite":
        pytest.skip("SQLite commits where it is")
    columns = ", ".join(f"c{n} {kind}" for n, kind in enumerate(["int", *KINDS]))
    await database.script([f"create table held ({columns})"])
    return database
