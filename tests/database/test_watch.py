"""Statements are counted for their request, and slow ones are told of without what was bound to them."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from crmcore.database import Database, StatementTimeout
from crmcore.database.explaining import explained, without_values
from crmcore.database.tally import TALLY, Tally
from tests.database.test_failures import Another, endless


@contextmanager
def request_of(operation: str) -> Iterator[Tally]:
    """A request is served while the block runs."""
    tally = Tally("request-1")
    tally.operation = operation
    token = TALLY.set(tally)
    yield tally
    TALLY.reset(token)


async def test_a_request_has_the_statements_it_ran(counter: Database) -> None:
    """Alone and in transactions; not those of others."""
    await counter.fetch("select 1")
    with request_of("Board") as tally:
        await counter.fetch("select n from counter")
        async with counter.transaction():
            await counter.execute("update counter set n = $1", 3)
    assert 2 == tally.statements
    assert 0 < tally.database_seconds < counter.watch.seconds
    assert counter.watch.statements >= 3


async def test_the_statements_themselves_are_kept_if_asked_for(counter: Database) -> None:
    """With what was bound, in order."""
    with request_of("Board") as tally:
        tally.tape = []
        await counter.fetch("select n from counter where n = $1", 0)
        await counter.fetch_value("select 1")
    assert [("select n from counter where n = $1", (0,)), ("select 1", ())] == [t[:2] for t in tally.tape]


@pytest.mark.parametrize(
    ("writes", "expected"), [("", False), ("update counter set n = 1", True), ("begin", True)], ids=str
)
async def test_a_request_knows_whether_it_wrote(counter: Database, writes: str, expected: bool) -> None:
    """A transaction counts from its beginning, since what it will do is not known."""
    with request_of("Board") as tally:
        await counter.fetch("select n from counter")
        if writes == "begin":
            async with counter.transaction():
                pass
        elif writes:
            await counter.execute(writes)
    assert expected is tally.wrote


def facts_of(caplog: pytest.LogCaptureFixture) -> list[dict[str, Any]]:
    """What the log tells of slow statements."""
    return [vars(r)["facts"] for r in caplog.records if r.name == "crmcore.database.slow"]


async def test_a_slow_statement_is_told_of_once_in_full(counter: Database, caplog: pytest.LogCaptureFixture) -> None:
    """Operation, SQL and the database's plan; the same statement again is one line, and nothing bound is shown."""
    counter.log_slow(1e-9)
    sql = "select n from counter where id = $1 and n < $2"
    with caplog.at_level(logging.WARNING), request_of("Board"):
        await counter.fetch(sql, 1, 777_123)
        await counter.close()
    [first] = facts_of(caplog)
    assert ("Board", "request-1", sql) == (first["operation"], first["request_id"], first["sql"])
    assert "counter" in first["plan"]
    assert "777123" not in str(first)


async def test_a_statement_that_is_slow_all_day_does_not_fill_the_log(
    counter: Database, caplog: pytest.LogCaptureFixture
) -> None:
    """From the second time on it is its fingerprint and how long it took."""
    counter.log_slow(1e-9)
    with caplog.at_level(logging.INFO):
        for _ in range(3):
            await counter.fetch("select n from counter")
        await counter.close()
    told = facts_of(caplog)
    assert 1 == sum("sql" in facts for facts in told)
    assert (3, 1) == (len(told), len({facts["statement"] for facts in told}))


async def test_what_is_no_request_is_only_information(counter: Database, caplog: pytest.LogCaptureFixture) -> None:
    """An import takes its time, and a command shows warnings."""
    counter.log_slow(1e-9)
    with caplog.at_level(logging.WARNING):
        await counter.fetch("select n from counter")
        await counter.close()
    assert ([], True) == (facts_of(caplog), counter.watch.slow > 0)


async def test_values_are_shown_only_if_that_is_set(counter: Database, caplog: pytest.LogCaptureFixture) -> None:
    """They are people's data."""
    counter.log_slow(1e-9, values=True)
    with caplog.at_level(logging.INFO):
        await counter.fetch("select n from counter where n < $1", 777_123)
        await counter.close()
    assert ["777123"] == facts_of(caplog)[0]["parameters"]


async def test_a_slow_write_is_told_of_without_a_plan(counter: Database, caplog: pytest.LogCaptureFixture) -> None:
    """Nothing that writes is asked about."""
    counter.log_slow(1e-9)
    with caplog.at_level(logging.INFO):
        await counter.execute("update counter set n = 1")
    assert ["update counter set n = 1"] == [facts["sql"] for facts in facts_of(caplog)]


async def test_a_statement_that_was_ended_is_the_slowest_of_all(
    another_database: Another, caplog: pytest.LogCaptureFixture
) -> None:
    """The limit ended it; the log says what it was."""
    database = another_database(statement_timeout=0.2)
    await database.open()
    database.log_slow(0.1)
    with caplog.at_level(logging.INFO):
        with pytest.raises(StatementTimeout):
            await database.fetch(endless(database))
        await database.close()
    assert facts_of(caplog)[0]["ms"] >= 100


async def test_quick_statements_are_not_told_of(counter: Database, caplog: pytest.LogCaptureFixture) -> None:
    """Ten seconds is long."""
    counter.log_slow(10)
    with caplog.at_level(logging.INFO):
        await counter.fetch("select n from counter")
    assert ([], 0) == (facts_of(caplog), counter.watch.slow)


async def test_a_plan_says_which_index_is_used(counter: Database) -> None:
    """In the database's own words."""
    plan = await explained(counter, "select n from counter where id = $1 order by n", [1])
    words = "SEARCH" if counter.dialect == "sqlite" else "Index"
    assert words in plan
    assert "777" not in plan


async def test_a_plan_may_be_measured(counter: Database) -> None:
    """PostgreSQL runs the statement then."""
    if counter.dialect == "postgresql":
        assert "actual time" in await explained(counter, "select n from counter where id = $1", [1], run=True)


async def test_a_plan_is_shown_without_the_values_in_it(counter: Database) -> None:
    """PostgreSQL writes them into its conditions: texts of any kind, numbers, lists."""
    if counter.dialect == "sqlite":
        pytest.skip("SQLite writes none")
    await counter.script(["create table person (name text, size int, ratio float)"])
    sql = "select 1 from person where name like $1 and size = any($2::int[]) and ratio < $3 and name <> $4 limit 7"
    plan = without_values(await explained(counter, sql, ["O'Neil\\ 4711%", [4712, 4713], -4714.5, "é4715"]))
    assert not any(secret in plan for secret in ("Neil", "4711", "4712", "4713", "4714", "4715"))
    assert all(kept in plan for kept in ("person", "cost=", "name", "size"))
