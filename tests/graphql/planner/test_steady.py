"""Sizes of pages in statements: numbers where an index leads to the rows whatever is asked for, parameters elsewhere."""

from __future__ import annotations

import re
from typing import Any

import pytest

from crmcore.database import Database
from crmcore.errors import Code
from crmcore.graphql.planner import Documents, Planner
from tests.graphql.planner import depth
from tests.graphql.planner.conftest import Desk
from tests.graphql.planner.world import ROOT

_LEAVES = "query ($f: LeafFilter, $o: [LeafOrder!], $n: Int) { leaves(filter: $f, orderBy: $o, first: $n) { nodes { id } pageInfo { hasNextPage } } }"
_LINKED = "query ($n: Int) { branches(first: 7, orderBy: {field: NAME}) { nodes { leaves(first: $n, filter: {number: {gt: 5}}) { nodes { id } } } } }"


def limits(dialect: str, text: str, **given: Any) -> set[str]:
    """The sizes that the statement of an operation has as numbers."""
    schema = depth.schema().graphql
    planner, operation = Planner(depth.ENTITIES, schema, dialect), Documents(schema).get(text)
    return set(re.findall(r"(?:limit|offset) (\d+)", planner.explain(operation, given, ROOT).sql)) - {"1"}


@pytest.mark.parametrize(
    "given",
    [
        {},
        {"o": [{"field": "AT"}]},
        {"o": [{"field": "AT", "direction": "DESC"}]},
        {"o": [{"field": "WEIGHT"}]},
        {"f": {"color": {"eq": 3}}, "o": [{"field": "AT"}]},
        {"f": {"color": {"eq": 3}}, "o": [{"field": "AT", "direction": "DESC"}]},
        {"o": [{"field": "NUMBER"}]},
    ],
)
def test_where_an_index_has_the_order_the_size_is_a_number(given: dict[str, Any]) -> None:
    """PostgreSQL then plans the statement once; SQLite plans once in any case."""
    assert ({"7"}, set()) == (limits("postgresql", _LEAVES, n=7, **given), limits("sqlite", _LEAVES, n=7, **given))


@pytest.mark.parametrize(
    "given",
    [
        {"o": [{"field": "CREATED_AT"}]},
        {"o": [{"field": "COLOR"}, {"field": "AT", "direction": "DESC"}]},
        {"f": {"number": {"eq": 5}}},
        {"f": {"color": {"eq": 3}}},
        {"f": {"at": {"eq": "2026-01-01T00:00:00Z"}}, "o": [{"field": "NUMBER"}]},
        {"f": {"number": {"gt": 5}}, "o": [{"field": "AT"}]},
        {"f": {"or": [{"number": {"eq": 5}}]}},
    ],
)
def test_elsewhere_the_database_plans_for_the_values(given: dict[str, Any]) -> None:
    """A plan for all values could read the whole list for a rare one."""
    assert set() == limits("postgresql", _LEAVES, n=7, **given)


def test_records_of_a_record_are_found_by_their_link() -> None:
    """Whatever else they must meet."""
    assert {"7", "3"} == limits("postgresql", _LINKED, n=3)


async def test_a_statement_of_such_pages_is_planned_once(database: Database) -> None:
    """After five executions, by which PostgreSQL sees that plans for the values are no cheaper."""
    if database.dialect == "sqlite":
        pytest.skip("SQLite plans a prepared statement once.")
    schema = depth.schema().graphql
    planner, operation = Planner(depth.ENTITIES, schema, database.dialect), Documents(schema).get(_LEAVES)
    await depth.fill(database, 200)
    given = {"f": {"color": {"eq": 3}}, "o": [{"field": "AT"}], "n": 7}
    async with database.transaction():  # so that one connection runs all of it
        for _ in range(9):
            await planner.read(database, operation, planner.coerce(operation, given), ROOT)
        plans = "select generic_plans from pg_prepared_statements where statement like 'select (select concat%'"
        assert 4 == await database.fetch_value(plans)


@pytest.mark.parametrize("size", [-1, 201, 1001, 2**31 - 1])
async def test_a_size_that_no_page_has_is_refused(desk: Desk, size: int) -> None:
    """It is no number of a statement, and says what is allowed."""
    result = await desk.read("query ($n: Int) { buyers(first: $n) { nodes { id } } }", {"n": size})
    [error] = result.errors
    assert (Code.VALIDATION.value, True) == ((error.extensions or {})["code"], "give 0 to 200" in error.message)
