"""`Database.row`: asked for alone or with others, each read gets the same."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence
from contextvars import Context
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from crmcore.database import Database
from crmcore.database.postgresql.together import Values, together
from crmcore.errors import Invalid
from tests.database.test_failures import Another, endless
from tests.database.test_watch import request_of

_TEXT = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=8)
_INSTANT = st.datetimes(timezones=st.just(UTC)) | st.sampled_from(
    [datetime.max.replace(tzinfo=UTC), datetime.min.replace(tzinfo=UTC)]
)
_BIG = st.integers(-(2**63), 2**63 - 1)
#: By type of PostgreSQL: values of it.
_VALUES: dict[str, st.SearchStrategy[Any]] = {
    "text": _TEXT,
    "bigint": _BIG,
    "integer": st.integers(-(2**31), 2**31 - 1),
    "double precision": st.floats(allow_nan=False, allow_infinity=False, allow_subnormal=False),
    "boolean": st.booleans(),
    "uuid": st.uuids(),
    "date": st.dates() | st.sampled_from([date.max, date.min]),
    "timestamptz": _INSTANT,
}
#: Each value comes back as it went in, and one that is found by a link.
_POSTGRESQL = ", ".join(f"${n}::{name}" for n, name in enumerate(_VALUES, 1))
_SQLITE = ", ".join(f"${n}" for n in range(1, len(_VALUES) + 1))
_COLUMN = "(select concat(t.n, $9) from (values (0, 'zero'), (1, 'one')) t(n, name) where t.name = $1)"
_COLUMN_HERE = "(select t.n || $9 from (select 0 as n, 'zero' as name union all select 1, 'one') t where t.name = $1)"

_reads = st.lists(
    st.tuples(
        st.sampled_from(["zero", "one"]) | _TEXT,
        *(values | st.none() for values in list(_VALUES.values())[1:]),
        _TEXT,
    ),
    min_size=2,
    max_size=40,
)
_shared = settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


def _sql(database: Database) -> str:
    if database.dialect == "sqlite":
        return f"select {_SQLITE}, {_COLUMN_HERE}"
    return f"select {_POSTGRESQL}, {_COLUMN.replace('$9', '$9::text')}"


async def _together(database: Database, sql: str, reads: Sequence[Sequence[Any]]) -> list[Any]:
    return await asyncio.gather(*(database.row(sql, *params) for params in reads), return_exceptions=True)


def _went(database: Database) -> int:
    """How many reads should have gone with others: none on SQLite, which has no way to save."""
    return database.watch.gathered if database.dialect == "postgresql" else -1


@given(reads=_reads)
@_shared
async def test_each_read_gets_what_it_gets_alone(database: Database, reads: list[tuple[Any, ...]]) -> None:
    """Values of every kind, null among them, many at once."""
    sql, before = _sql(database), _went(database)
    alone = [(await database.fetch(sql, *params))[0] for params in reads]
    assert alone == await _together(database, sql, reads)
    assert before == -1 or _went(database) > before


@given(reads=_reads)
@_shared
async def test_equal_reads_are_one_and_no_others(
    database: Database, reads: list[tuple[Any, ...]], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where all statements are dear enough to look: as above, with each read asked for twice."""
    monkeypatch.setattr("crmcore.database.gathering._DEAR", -1.0)
    sql, twice = _sql(database), [*reads, *reads]
    alone = [(await database.fetch(sql, *params))[0] for params in twice]
    for _ in range(2):  # the first time nobody knows how they are compared
        found = await _together(database, sql, twice)
        assert [tuple(map(repr, row)) for row in alone] == [tuple(map(repr, row)) for row in found]


async def test_a_parameter_that_is_an_array_is_the_same_for_all_who_go_together(database: Database) -> None:
    """Who has another array goes with others."""
    sql = "select $1::bigint, $1::bigint = any($2::bigint[])"
    if database.dialect == "sqlite":
        sql = "select $1, $1 in (select value from json_each($2))"
    reads = [(n, [n % 3, 7]) for n in range(12)]
    alone = [(await database.fetch(sql, *params))[0] for params in reads]
    for _ in range(2):  # the first time it is not known yet which parameters are arrays
        assert alone == await _together(database, sql, reads)
    assert _went(database) in (-1, 12)


async def test_one_that_fails_fails_alone(database: Database) -> None:
    """Whatever is wrong with a read is no other's."""
    sql = "select 10 / $1::int" if database.dialect == "postgresql" else "select abs($1)"
    bad = 0 if database.dialect == "postgresql" else -(2**63)
    found = await _together(database, sql, [(5,), (bad,), (10,)])
    assert [(10 // n,) if database.dialect == "postgresql" else (n,) for n in (5, 10)] == [found[0], found[2]]
    assert isinstance(found[1], Exception)


async def test_a_text_that_no_database_holds_is_refused_to_who_asks(database: Database) -> None:
    """Before anything is sent, and with the words it has alone."""
    sql = "select $1::text" if database.dialect == "postgresql" else "select $1"
    found = await _together(database, sql, [("a",), ("\ud800",), ("c",)])
    assert [("a",), ("c",)] == [found[0], found[2]]
    assert isinstance(found[1], Invalid)


async def test_what_is_of_another_type_than_its_place_is_refused_to_who_asks(database: Database) -> None:
    """As it is alone, though it could be written as a text among texts."""
    if database.dialect != "postgresql":
        pytest.skip("SQLite takes any type anywhere.")
    sql = "select $1::text"
    await _together(database, sql, [("a",), ("b",)])
    found = await _together(database, sql, [("a",), (5,), ("c",)])
    assert [("a",), ("c",)] == [found[0], found[2]]
    assert isinstance(found[1], Exception)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ([1], [1.0]),
        ([0.0], [-0.0]),
        ([True], [1]),
        (["1"], [1]),
        ([[1]], [[True]]),
        ([Decimal("1.0")], [Decimal("1.00")]),
    ],
)
def test_what_postgresql_can_tell_apart_is_not_equal(one: list[Any], other: list[Any]) -> None:
    """Though Python says so of some of these."""
    values = Values(["text"])
    assert values.exactly(one) != values.exactly(other)
    assert values.exactly(one) == values.exactly(list(one))


async def test_inside_a_transaction_each_read_stands_alone(counter: Database) -> None:
    """It sees what no other connection does."""
    sql = "select (select n from counter where id = $1)"
    async with counter.transaction():
        await counter.execute("update counter set n = 5")
        inside = await asyncio.gather(counter.row(sql, 1), counter.row(sql, 1))
        outside = asyncio.create_task(_outside(counter, sql), context=Context())
        assert [(0,), (0,)] == await outside
    assert [(5,), (5,)] == inside


async def _outside(database: Database, sql: str) -> list[Any]:
    return await _together(database, sql, [(1,), (1,)])


async def test_each_read_is_a_statement_of_its_request(counter: Database) -> None:
    """In its tally as if it had gone alone, and once in what the process counts."""
    sql = "select (select n from counter where id = $1)"

    async def request(name: str) -> tuple[int, bool]:
        with request_of(name) as tally:
            await counter.row(sql, 1)
        return tally.statements, tally.database_seconds > 0

    before = counter.watch.statements
    assert [(1, True)] * 3 == await asyncio.gather(*(request(name) for name in "abc"))
    assert 3 == counter.watch.statements - before
    expected = (1, 3) if counter.dialect == "postgresql" else (0, 0)
    assert expected == (counter.watch.groups, counter.watch.gathered)


async def test_who_wants_to_see_the_statement_has_one_of_their_own(counter: Database) -> None:
    """The tape holds what was run, with what was bound to it."""
    sql = "select (select n from counter where id = $1)"

    async def taped() -> list[Any]:
        with request_of("Board") as tally:
            tally.tape = []
            await counter.row(sql, 1)
        return [each[:2] for each in tally.tape]

    assert [[(sql, (1,))]] * 2 == await asyncio.gather(taped(), taped())
    assert 0 == counter.watch.gathered


async def test_a_slow_read_is_told_of_as_its_requests_own(counter: Database, caplog: pytest.LogCaptureFixture) -> None:
    """With the statement as the plan has it, and the operation."""
    counter.log_slow(0.0)
    sql = "select (select n from counter where id = $1)"

    async def request(name: str) -> None:
        with request_of(name):
            await counter.row(sql, 1)

    with caplog.at_level(logging.WARNING, "crmcore.database.slow"):
        await asyncio.gather(request("A"), request("B"))
        await counter.close()
    told = [vars(record)["facts"] for record in caplog.records if record.levelno == logging.WARNING]
    assert ["A", "B"] == sorted(facts["operation"] for facts in told)
    assert [sql] == [facts["sql"] for facts in told if "sql" in facts]


async def test_equal_reads_go_together_however_long_they_take(database: Database) -> None:
    """Each alone would have the database do the same again; of different ones, nobody waits for another's."""
    if database.dialect == "sqlite":
        pytest.skip("SQLite's long reads have a thread")
    sql = "select $1::int + (select count(*) from generate_series(1, 100000))"
    counts = []
    for values in ([(1,)] * 4, [(1,), (2,), (3,), (4,)]):
        for _ in range(40):
            await _together(database, sql, values)
        before = database.watch.gathered
        await _together(database, sql, values)
        counts.append(database.watch.gathered - before)
    assert [4, 0] == counts


async def test_whoever_leaves_a_group_last_ends_its_statement(another_database: Another) -> None:
    """The only connection answers the next one."""
    database = another_database(pool_size=1)
    await database.open()
    heavy = f"select (select count(*) from ({endless(database)}) x)"
    cast = "::bigint" if database.dialect == "postgresql" else ""
    sql = f"select case when $1{cast} = 0 then 0 else {heavy.removeprefix('select ')} end"
    assert [(0,), (0,)] == await _together(database, sql, [(0,), (0,)])
    tasks = [asyncio.create_task(database.row(sql, 1)) for _ in range(2)]
    await asyncio.sleep(0.05)
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    async with asyncio.timeout(10):
        assert 1 == await database.fetch_value("select 1")


async def test_one_who_leaves_a_group_ends_nobody_elses_read(database: Database) -> None:
    """At whatever stage it is."""
    sql = "select $1::int" if database.dialect == "postgresql" else "select $1"
    await _together(database, sql, [(1,), (2,)])
    for turns in range(12):
        tasks = [asyncio.create_task(database.row(sql, n)) for n in range(4)]
        for _ in range(turns):
            await asyncio.sleep(0)
        tasks[0].cancel()
        assert [(1,), (2,), (3,)] == await asyncio.gather(*tasks[1:])


async def test_a_group_is_not_planned_each_time(another_database: Another) -> None:
    """Whatever its size: planning takes PostgreSQL longer than running it."""
    database = another_database(pool_size=1)
    await database.open()
    if database.dialect == "sqlite":
        pytest.skip("SQLite keeps its plans.")
    sql = "select (select relname from pg_class where oid = $1::bigint::oid)"
    for _ in range(12):
        await _together(database, sql, [(1259,), (1247,)])
    asked = "select generic_plans > 0, custom_plans < 6 from pg_prepared_statements where statement like 'select crm_given%'"
    assert [(True, True)] == await database.fetch(asked)


def test_a_statement_with_a_parameter_that_no_array_holds_stays_as_it_is() -> None:
    """Of JSON, a list could not be told from a list of values; without parameters there is nothing to unnest."""
    assert None is together("select $1::jsonb, $2::uuid", ["jsonb", "uuid"])
    assert None is together("select 1", [])
    assert None is together("select $1 = any($2)", ["uuid[]", "thing"])
    assert None is together("select $1::uuid[]", ["uuid[]"])


def test_what_stands_in_quotes_is_no_placeholder() -> None:
    """A price in dollars in a plugin's expression, or a name, stays what it is."""
    made = together("""select '$1.00', 'it''s $1', "$1", $1 || '$'""", ["text"])

    assert made is not None
    assert """select '$1.00', 'it''s $1', "$1", crm_given.v1 || '$'""" in made
