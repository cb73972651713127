"""Values of transactions that are committed together: they are stored as those of one that goes alone."""

from __future__ import annotations

import asyncio
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest

from crmcore.database import Database
from crmcore.database.postgresql.documents import Documents

TYPES = ("uuid", "text", "varchar", "int2", "int8", "float8", "numeric", "bool", "date", "timestamptz", "jsonb", "json")
COLUMNS = ", ".join(f"c{place} {name}" for place, name in enumerate(TYPES))
PLACES = ", ".join(f"${place}" for place in range(2, len(TYPES) + 2))
ADD = f"insert into kept values ($1, {PLACES})"
ADD_MANY = f"insert into kept select $1, {PLACES} from crm_given order by n"
READ = "select pg_current_xact_id_if_assigned()::text from kept where id = $1"

FIRST = UUID("00000000-0000-7000-8000-000000000000")
ROWS: list[tuple[Any, ...]] = [
    (
        FIRST,
        'A "quoted" \\ text,\n{with} 株式会社 😀',
        "",
        -(2**15),
        2**63 - 1,
        0.1,
        12,
        True,
        date(1, 1, 1),
        datetime(999, 12, 31, 23, 59, 59, 999999, tzinfo=UTC),
        '{"b": "\\"x\\"", "a": [1, 2.50]}',
        '{"b":  1, "b": 2}',
    ),
    (UUID(int=2**128 - 1), "null", "NULL", 0, -(2**63), -0.0, 0, False, date(9999, 12, 31), datetime(2026, 2, 3, tzinfo=UTC), "[]", "0"),
    (None,) * len(TYPES),
    (FIRST, "\x01\x1f\x7f", "{}", 1, 2**53 + 1, 1e300, 7, None, None, datetime(2026, 2, 3, 4, 5, 6, 7, tzinfo=UTC), '"x"', "null"),
]  # fmt: skip


@pytest.fixture
async def kept(database: Database) -> Database:
    """A database with a table of every type that rows can have."""
    if database.dialect == "sqlite":
        pytest.skip("SQLite has no documents")
    await database.script([f"create table kept (id int primary key, {COLUMNS})"])
    return database


async def add(database: Database, id: int, row: tuple[Any, ...]) -> str:
    async with database.transaction():
        await database.later(ADD, id, *row, many=ADD_MANY)
        ((transaction,),) = await database.fetch_last(READ, id)
    return str(transaction)


async def together(database: Database, first: int, rows: list[tuple[Any, ...]]) -> list[Any]:
    adding = (add(database, first + place, row) for place, row in enumerate(rows))
    return await asyncio.gather(*adding, return_exceptions=True)


async def test_each_type_of_value_is_stored_as_alone(kept: Database) -> None:
    """To the last digit and the spelling of documents, whatever signs texts have, and null."""
    for id, row in enumerate(ROWS):
        await add(kept, id, row)
    transactions = await together(kept, 10, ROWS)
    assert 1 == len(set(transactions))
    columns = ", ".join(f"c{place}::text" for place in range(len(TYPES)))
    sql = f"select {columns} from kept where id between $1 and $1 + 9 order by id"
    assert await kept.fetch(sql, 0) == await kept.fetch(sql, 10)


@pytest.mark.parametrize(
    ("place", "value", "stored"),
    [
        (9, datetime(2026, 1, 1), None),
        (5, float("inf"), None),
        (5, float("nan"), None),
        (4, 2**64, None),
        (6, Decimal("1.10"), "1.10"),
        (1, True, "t"),
        (1, datetime(2026, 1, 1, tzinfo=UTC), "2026-01-01T00:00:00.000000Z"),
        (10, {"b": 1}, '{"b": 1}'),
    ],
)
async def test_what_a_document_would_change_goes_alone(
    kept: Database, place: int, value: Any, stored: str | None
) -> None:
    """Nothing is made of it that nobody asked for: it is refused, or stored, as alone, and the others are committed."""
    nothing: list[Any] = [None] * len(TYPES)
    nothing[place] = value
    odd = tuple(nothing)

    found = await together(kept, 0, [ROWS[2], odd, ROWS[2]])

    assert [False, stored is None, False] == [isinstance(one, BaseException) for one in found]
    rows = await kept.fetch(f"select id, c{place}::text from kept order by id")
    assert [row for row in [(0, None), (1, stored), (2, None)] if row != (1, None)] == rows


def test_rows_need_a_column() -> None:
    """PostgreSQL reads no rows without one, nor what it would have to guess."""
    assert [False, False, False, True] == [
        Documents(types).possible for types in ([], ["uuid[]"], ["uuid", "point"], ["uuid", "jsonb", "int4[]"])
    ]
