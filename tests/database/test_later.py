"""Statements that are left for the next one of their transaction, or for its commit, to take along."""

from __future__ import annotations

from datetime import UTC, date, datetime
from functools import partial
from typing import Any
from uuid import UUID

import pytest

from crmcore.database import Database, UniqueViolation
from crmcore.database.group_commit import Left
from crmcore.errors import Invalid

ADD = "update counter set n = n + $1"
SAME_KEY = "insert into counter (id, n) values ($1, 0)"
VALUES = [
    "plain",
    'quo"te, back\\slash {} NULL\n',
    "",
    "é 客户 🙂",
    None,
    2**40,
    -1,
    True,
    False,
    UUID(int=7),
    datetime(2026, 1, 31, 12, 0, 0, 123456, tzinfo=UTC),
    datetime.min.replace(tzinfo=UTC),
    datetime.max.replace(tzinfo=UTC),
    date(2026, 2, 28),
]


async def test_the_next_statement_sees_it(counter: Database) -> None:
    """Whatever it is: they run in the order in which they were given."""
    async with counter.transaction():
        await counter.later(ADD, 1)
        first = await counter.fetch_value("select n from counter where id = $1", 1)
        await counter.later(ADD, 10)
        await counter.later("update counter set n = n * $1", 2)
        await counter.script(["update counter set n = n + 100"])
        await counter.later(ADD, 1000)
    assert (1, 1122) == (first, await counter.fetch_value("select n from counter"))


async def test_outside_a_transaction_it_runs_at_once(counter: Database) -> None:
    """There is nothing to wait for."""
    await counter.later(ADD, 1)
    assert 1 == await counter.fetch_value("select n from counter")


async def test_what_is_bound_may_be_made_when_it_is_sent(counter: Database) -> None:
    """Once, whether or not there is a transaction in which it can wait."""
    given = [1]

    def made() -> list[int]:
        given.append(given[-1] * 10)
        return given[-1:]

    await counter.leave(Left(ADD, partial(made)))
    async with counter.transaction():
        await counter.leave(Left(ADD, partial(made)))
        await counter.leave(Left(ADD, partial(made)))
    assert (1110, [1, 10, 100, 1000]) == (await counter.fetch_value("select n from counter"), given)


async def test_its_failure_undoes_the_transaction(counter: Database) -> None:
    """It is said as of any statement, and the connection works on, also with what was to be prepared after it."""
    other = "update counter set n = n + $1 where id = 1"
    for _ in range(2):
        with pytest.raises(UniqueViolation):
            async with counter.transaction():
                await counter.execute(ADD, 1)
                await counter.later(SAME_KEY, 1)
                await counter.later(other, 1)
        async with counter.transaction():
            await counter.later(other, 10)
    assert 20 == await counter.fetch_value("select n from counter")


async def test_a_savepoint_ends_with_what_was_left_in_it(counter: Database) -> None:
    """A failure there is that of the savepoint, and the rest of the transaction is kept."""
    async with counter.transaction():
        await counter.later(ADD, 1)
        with pytest.raises(UniqueViolation):
            async with counter.transaction():
                await counter.later(ADD, 10)
                await counter.later(SAME_KEY, 1)
        await counter.later(ADD, 100)
    assert 101 == await counter.fetch_value("select n from counter")


async def test_what_was_left_in_a_savepoint_that_failed_does_not_run(counter: Database) -> None:
    """It had not gone out, and would have failed: the rest of the transaction does not hear of it."""
    if counter.dialect == "sqlite":
        pytest.skip("SQLite runs it at once")
    async with counter.transaction():
        await counter.later(ADD, 1)
        with pytest.raises(Invalid):
            async with counter.transaction():
                await counter.later(SAME_KEY, 1)
                await counter.execute("update counter set n = n + $1 where $2 <> ''", 10, "\0")
    assert 1 == await counter.fetch_value("select n from counter")


@pytest.mark.parametrize("value", VALUES, ids=repr)
async def test_values_are_what_they_are(database: Database, value: Any) -> None:
    """As if the statement had run at once."""
    kinds = {str: "text", int: "bigint", bool: "boolean", UUID: "uuid", datetime: "timestamptz", date: "date"}
    kind = kinds.get(type(value), "text")
    await database.script([f"create table pair (id int, value {kind})"])
    async with database.transaction():
        await database.execute("insert into pair (id, value) values ($1, $2)", 1, value)
        await database.later("insert into pair (id, value) values ($1, $2)", 2, value)
        await database.later("insert into pair (id, value) values ($1, $2)", 3, None)
    rows = await database.fetch("select id, value from pair order by id")
    assert [(1, rows[0][1]), (2, rows[0][1]), (3, None)] == rows


async def test_an_id_that_was_read_is_one(database: Database) -> None:
    """asyncpg has a class of its own for those."""
    await database.script(["create table pair (id int, value uuid)"])
    id = await database.fetch_value("select $1" + ("::uuid" if database.dialect == "postgresql" else ""), UUID(int=7))
    async with database.transaction():
        await database.later("insert into pair (id, value) values ($1, $2)", 1, id)
    assert str(UUID(int=7)) == str(await database.fetch_value("select value from pair"))


async def test_lists_are_arrays(database: Database) -> None:
    """Elements that look like an array's own signs, and those that are not there."""
    if database.dialect == "sqlite":
        pytest.skip("SQLite has no arrays")
    texts = [value for value in VALUES if value is None or isinstance(value, str)]
    await database.script(["create table many (texts text[], ids uuid[], at timestamptz[])"])
    row = (texts, [UUID(int=1), None], [datetime(2026, 1, 1, tzinfo=UTC)])
    async with database.transaction():
        await database.later("insert into many values ($1, $2, $3)", *row)
        await database.later("insert into many values ($1, $2, $3)", [], [], [])
    assert [row, ([], [], [])] == await database.fetch("select * from many")


@pytest.mark.parametrize("value", ["\0", "\ud800"], ids=["U+0000", "half of a character"])
async def test_what_no_database_stores_is_refused(counter: Database, value: str) -> None:
    """In the words in which any statement refuses it."""
    with pytest.raises(Invalid, match=r"U\+0000|surrogate"):
        async with counter.transaction():
            await counter.later("update counter set n = 1 where $1 <> ''", value)
    assert 0 == await counter.fetch_value("select n from counter")
