"""Answers: which roots are read, what an error makes null, where errors are."""

from __future__ import annotations

import json
from typing import Any

import pytest

from crmcore.errors import Unavailable
from crmcore.graphql.planner import GraphQLErrors
from tests.graphql.planner.conftest import Desk
from tests.graphql.planner.world import ROOT, uuid

_GOOD, _BAD = f"buyer_{uuid(3, 4)}", f"deal_{uuid(5, 4)}"


async def test_only_the_asked_for_roots_are_read(desk: Desk) -> None:
    """The others are the executor's; the answer keeps the order of the document."""
    result = await desk.read("{ c: stages { totalCount } b: __typename a: buyers { totalCount } }", roots={"a", "c"})
    assert list(result.fields or ()) == ["c", "a"]
    assert json.loads(result.json) == {"c": {"totalCount": 3}, "a": {"totalCount": 28}}


async def test_roots_without_backing_are_left_out(desk: Desk) -> None:
    """Introspection is not the planner's."""
    result = await desk.read("{ __schema { queryType { name } } stages { totalCount } }")
    assert result.json.replace(" ", "") == '{"stages":{"totalCount":3}}'


@pytest.mark.parametrize(
    ("id", "words"),
    [
        (_BAD, "Expected a buyer id, got deal_"),
        ("nonsense", "is not an id"),
        ("\ud800_01900000-0000-7000-8000-000000000000", "lone surrogate"),
        ("buyer_\u0000", "U+0000"),
    ],
)
async def test_a_wrong_id_is_an_error_at_its_field_and_null(desk: Desk, id: str, words: str) -> None:
    """By name, with the way out; the fields beside it are answered."""
    result = await desk.read("query ($id: ID!) { a: buyer(id: $id) { id } b: stages { totalCount } }", {"id": id})
    assert json.loads(result.json) == {"a": None, "b": {"totalCount": 3}}
    [error] = result.errors
    assert words in error.message
    assert error.path == ["a"]
    assert error.locations
    assert error.extensions["code"] == "VALIDATION"  # type: ignore[index]


@pytest.mark.parametrize(
    ("id", "words"),
    [("nonsense", "is not an id"), (f"thing_{uuid(1, 1)}", "no records called 'thing'"), ("\ud800", "lone surrogate")],
)
async def test_node_refuses_what_names_no_entity(desk: Desk, id: str, words: str) -> None:
    """A well-formed id of nothing is null; a malformed one is a mistake."""
    one = await desk.read("query ($id: ID!) { node(id: $id) { id } }", {"id": id})
    assert (one.json, [words in e.message for e in one.errors]) == ('{"node":null}', [True])
    many = await desk.read("query ($id: ID!) { nodes(ids: [$id]) { id } }", {"id": id})
    assert (many.json, [words in e.message for e in many.errors]) == ("null", [True])


async def test_nodes_refuses_more_ids_than_a_page_has_records(desk: Desk) -> None:
    """Two hundred."""
    result = await desk.read("query ($ids: [ID!]!) { nodes(ids: $ids) { id } }", {"ids": [_GOOD] * 201})
    assert "give at most 200" in result.errors[0].message
    assert (
        len((await desk.ask("query ($ids: [ID!]!) { nodes(ids: $ids) { id } }", {"ids": [_GOOD] * 200}))["nodes"])
        == 200
    )


async def test_an_error_at_a_field_that_may_not_be_null_makes_all_null(desk: Desk) -> None:
    """And the database is not asked."""
    result = await desk.read("{ buyers(first: -1) { totalCount } stages { totalCount } }")
    assert result.json == "null"
    assert result.fields is None
    assert desk.statements == []


async def test_errors_of_several_roots_are_all_reported(desk: Desk) -> None:
    """At once, in the order of the document."""
    query = "query ($x: ID!, $y: ID!) { a: buyer(id: $x) { id } b: deal(id: $y) { id } c: buyer(id: $y) { id } d: stage(id: $x) { id } }"
    result = await desk.read(query, {"x": _GOOD, "y": _BAD})
    assert json.loads(result.json) == {"a": {"id": _GOOD}, "b": {"id": _BAD}, "c": None, "d": None}
    assert [e.path for e in result.errors] == [["c"], ["d"]]


async def test_skipped_arguments_are_not_read(desk: Desk) -> None:
    """What is not selected cannot be wrong."""
    query = "query ($y: Boolean!, $n: Int) { stages { totalCount nodes { deals(first: $n) @include(if: $y) { totalCount } } } }"
    assert (await desk.ask(query, {"y": False, "n": 9999}))["stages"]["totalCount"] == 3


@pytest.mark.parametrize("variables", [{}, {"id": None}, {"id": ["a"]}, {"id": {"a": 1}}, {"id": 1.5}, {"id": True}])
async def test_variables_of_a_wrong_type_are_refused(desk: Desk, variables: dict[str, Any]) -> None:
    """Before anything is planned."""
    operation = desk.documents.get("query ($id: ID!) { buyer(id: $id) { id } }")
    with pytest.raises(GraphQLErrors, match=r"\$id"):
        desk.planner.coerce(operation, variables)


async def test_a_number_of_five_thousand_digits_is_refused(desk: Desk) -> None:
    """Python would refuse to quote it."""
    operation = desk.documents.get("query ($n: Int) { buyers(first: $n) { totalCount } }")
    with pytest.raises(GraphQLErrors, match="4300 digits"):
        desk.planner.coerce(operation, {"n": 10**5000})


async def test_variables_nested_without_end_are_refused(desk: Desk) -> None:
    """Not by running out of stack."""
    deep: dict[str, Any] = {}
    for _ in range(5000):
        deep = {"not": deep}
    operation = desk.documents.get("query ($f: BuyerFilter) { buyers(filter: $f) { totalCount } }")
    with pytest.raises(GraphQLErrors, match="too deeply"):
        desk.planner.coerce(operation, {"f": deep})


async def test_a_database_that_is_away_is_not_an_answer(desk: Desk) -> None:
    """The caller decides what a passing failure becomes."""

    class Away:
        async def fetch(self, sql: str, *params: Any) -> list[tuple[Any, ...]]:
            msg = "Gone."
            raise Unavailable(msg)

        async def row(self, sql: str, *params: Any) -> tuple[Any, ...]:
            msg = "Gone."
            raise Unavailable(msg)

    operation = desk.documents.get("{ stages { totalCount } }")
    with pytest.raises(Unavailable):
        await desk.planner.read(Away(), operation, desk.planner.coerce(operation, None), ROOT)
