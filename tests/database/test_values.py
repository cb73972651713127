"""Values survive the way in and out of both databases, or are refused alike."""

from __future__ import annotations

import json
import math
from datetime import UTC, date, datetime, timedelta, timezone
from typing import Any
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from crmcore.database import Database, ids
from crmcore.database.values import sqlite_rows, sqlite_values
from crmcore.errors import Invalid
from tests.database.tables import Everything

#: One database serves all examples of a test: rows are told apart by id.
_examples = settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])

_text = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=40)
_numbers = st.floats(allow_nan=False, allow_infinity=False)
_moments = st.datetimes(
    datetime(1, 1, 2),
    datetime(9999, 12, 30),
    timezones=st.sampled_from([UTC, timezone(timedelta(hours=8)), timezone(timedelta(hours=-9.5))]),
)
_json = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | _text,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_text, inner, max_size=3),
    max_leaves=6,
)


async def through(database: Database, column: str, value: Any) -> Any:
    """Write a value, by a statement and by bulk load, and read it."""
    id = ids.new()
    await database.execute(f"insert into everything (id, {column}) values ($1, $2)", id, value)
    found = await database.fetch_value(f"select {column} from everything where id = $1", id)
    assert found == await loaded(database, column, value)
    return found


async def loaded(database: Database, column: str, value: Any) -> Any:
    """Write a value by bulk load and read it."""
    id = ids.new()
    await database.load("everything", ("id", column), [(id, value)])
    return await database.fetch_value(f"select {column} from everything where id = $1", id)


@given(value=_text)
@_examples
async def test_text(library: Database, value: str) -> None:
    """Any Unicode text."""
    assert value == await through(library, "text", value)


@pytest.mark.parametrize(
    "value", ["王小明", "👩‍👩‍👧‍👦", "e\u0301", "مرحبا", "'; drop table everything; --", "\U0010ffff", "a\r\n\tb", ""]
)
async def test_texts_that_break_things(library: Database, value: str) -> None:
    """Code points are kept as they are: nothing is normalised, trimmed or folded."""
    assert value == await through(library, "text", value)


@given(value=st.integers(-(2**31), 2**31 - 1))
@_examples
async def test_whole_numbers(library: Database, value: int) -> None:
    """32 bits."""
    assert value == await through(library, "whole", value)


@given(value=st.integers(-(2**63), 2**63 - 1))
@_examples
async def test_big_numbers(library: Database, value: int) -> None:
    """64 bits, exactly."""
    assert value == await through(library, "big", value)


@given(value=_numbers)
@_examples
async def test_doubles(library: Database, value: float) -> None:
    """Bit by bit, the sign of zero apart, which SQLite drops."""
    assert value == await through(library, "number", value)


@given(value=_moments)
@_examples
async def test_instants(library: Database, value: datetime) -> None:
    """The same moment, aware, in UTC, to the microsecond."""
    found = await through(library, "moment", value)
    assert value == found
    assert timedelta(0) == found.utcoffset()


@given(value=st.dates())
@_examples
async def test_dates(library: Database, value: date) -> None:
    """A date is a date, not an instant."""
    assert [value] == [await through(library, "day", value)]


@given(value=st.uuids())
@_examples
async def test_ids(library: Database, value: UUID) -> None:
    """A UUID, by type too."""
    found = await through(library, "link", value)
    assert isinstance(found, UUID)
    assert value == found


@given(value=st.dictionaries(_text, _json, max_size=4) | st.lists(_json, max_size=4))
@_examples
async def test_json(library: Database, value: Any) -> None:
    """A Python value goes in, its text comes out."""
    assert value == json.loads(await through(library, "tree", value))


@pytest.mark.parametrize("value", [True, False])
async def test_truth(library: Database, value: bool) -> None:
    """A bool, not 0 or 1."""
    assert value is await through(library, "flag", value)


@pytest.mark.parametrize("column", ["text", "whole", "big", "number", "moment", "day", "link", "tree"])
async def test_nothing(library: Database, column: str) -> None:
    """None is null and null is None."""
    assert await through(library, column, None) is None


async def test_json_may_hold_ids_instants_and_dates(library: Database) -> None:
    """They are written as clients see them."""
    id, at = ids.new(), datetime(2026, 1, 31, 9, 30, tzinfo=UTC)
    found = json.loads(await through(library, "tree", {"id": id, "at": at, "on": at.date()}))
    assert {"id": str(id), "at": "2026-01-31T09:30:00.000000Z", "on": "2026-01-31"} == found


async def test_json_that_is_written_already_goes_in_as_it_is(library: Database) -> None:
    """A text counts as JSON, so that a column can be copied."""
    assert {"a": 1} == json.loads(await through(library, "tree", '{"a": 1}'))


async def test_a_list_of_ids_is_a_parameter(library: Database) -> None:
    """`in` with as many as there are: an array on PostgreSQL, JSON on SQLite."""
    wanted = [ids.new(), ids.new()]
    for id in (*wanted, ids.new()):
        await library.execute("insert into everything (id) values ($1)", id)
    sql = {
        "sqlite": "select id from everything where id in (select value from json_each($1)) order by id",
        "postgresql": "select id from everything where id = any($1::uuid[]) order by id",
    }
    assert [(id,) for id in wanted] == await library.fetch(sql[library.dialect], wanted)


@pytest.mark.parametrize(
    ("column", "value", "said"),
    [
        ("text", "a\0b", r"U\+0000"),
        ("tree", {"a": "b\0"}, r"U\+0000"),
        ("text", "half \ud83d", "surrogate"),
        ("number", math.nan, "infinite or none"),
        ("number", -math.inf, "infinite or none"),
        ("big", 2**63, "64 bits"),
    ],
)
async def test_what_neither_stores_is_refused(library: Database, column: str, value: Any, said: str) -> None:
    """SQLite would take some of it and give something else back; a client gets a refusal from both."""
    for write in (through, loaded):
        with pytest.raises(Invalid, match=said):
            await write(library, column, value)


async def test_a_naive_instant_is_refused(library: Database) -> None:
    """Nobody can know which moment it means; drivers guess, each its own way."""
    for write in (through, loaded):
        with pytest.raises(ValueError, match="no time zone"):
            await write(library, "moment", datetime(2026, 1, 31, 9, 30))


async def test_a_type_no_column_has_is_a_bug(library: Database) -> None:
    """It says which type."""
    for write in (through, loaded):
        with pytest.raises(Exception, match=r"complex|float"):
            await write(library, "number", 1j)


async def test_instants_sort_as_they_pass(library: Database) -> None:
    """Piccolo's own writer would put a text into SQLite that sorts otherwise."""
    library.bind([Everything])
    early = datetime(2026, 1, 31, 9, 30, tzinfo=UTC)
    await Everything.insert(Everything(id=ids.new(), moment=early + timedelta(microseconds=1), tree="{}"))
    await library.execute("insert into everything (id, moment) values ($1, $2)", ids.new(), early)
    found = await library.fetch("select moment from everything order by moment")
    assert [(early,), (early + timedelta(microseconds=1),)] == found


_whole_seconds = _moments.map(lambda moment: moment.replace(microsecond=0))
#: Of one type each, as a column's values mostly are.
_columns = [
    _text,
    st.uuids(),
    _moments,
    _whole_seconds,
    st.dates(),
    st.booleans(),
    st.integers(-(2**63), 2**63 - 1),
    _numbers,
    st.none(),
    st.binary(max_size=9),
    st.just([]),
    st.lists(_json, max_size=3),
    st.dictionaries(_text, _json, max_size=3),
]


@given(st.data())
@settings(deadline=None)
def test_several_runs_bind_what_each_would_bind_alone(data: st.DataObject) -> None:
    """Converted column by column, whether its values are of one type or of several."""
    columns = data.draw(st.lists(st.sampled_from([*_columns, st.one_of(_columns)]), max_size=6))
    rows = data.draw(st.lists(st.tuples(*columns), min_size=1, max_size=5))
    assert [repr(tuple(sqlite_values(row))) for row in rows] == list(map(repr, sqlite_rows(rows)))


@pytest.mark.parametrize("value", ["a\0b", 2**63, math.nan, datetime(2026, 1, 31, 9, 30), {"a": "b\0"}, 1j])
def test_one_of_several_that_cannot_be_bound_is_refused(value: Any) -> None:
    """As it would be alone."""
    with pytest.raises((Invalid, ValueError, TypeError)) as alone:
        sqlite_values([value])
    fine = value.replace(tzinfo=UTC) if isinstance(value, datetime) else type(value)()
    with pytest.raises(type(alone.value)) as together:
        sqlite_rows([[fine], [value]])
    assert str(alone.value) == str(together.value)
