"""Requests as a whole: what is answered with which status, whatever comes in."""

from __future__ import annotations

from typing import Any

import pytest

from crmcore.access.actor import NOTHING, Actor, ActorType
from crmcore.graphql.requests.answer import to_json
from crmcore.graphql.requests.execute import execute
from tests.graphql.conftest import ANA, WorldCrm


async def test_a_planned_query_is_the_planners_text(world: WorldCrm) -> None:
    """Nothing stands between the planner and the body."""
    text = "{ gadgets { totalCount } }"
    operation = world.documents.get(text)
    planned = await world.planner.read(world.database, operation, world.planner.coerce(operation, None), ANA)
    answer = await execute(world, text, None, None, ANA)  # type: ignore[arg-type]
    assert ('{"data":%s}' % planned.json, 200) == (answer.body.decode(), answer.status)  # noqa: UP031


@pytest.mark.parametrize(
    ("text", "variables"),
    [
        ("{ gadgets {", None),
        ("{ nope }", None),
        ("", None),
        ("query ($x: Int!) { gadgets(first: $x) { totalCount } }", None),
        ("query ($x: Int!) { gadgets(first: $x) { totalCount } }", {"x": 10**5000}),
        ("query ($x: Int!) { gadgets(first: $x) { totalCount } }", {"x": "1"}),
        ("{ gadgets(first: %s) { totalCount } }" % ("9" * 5000), None),
        ("mutation ($d: CreateGadgetInput!) { createGadget(data: $d) { __typename } }", {"d": {"nme": "x"}}),
        ("query a { __typename } query b { __typename }", None),
        ("subscription { x }", None),
    ],
)
async def test_request_errors(world: WorldCrm, text: str, variables: dict[str, Any] | None) -> None:
    """What cannot be executed is answered with 400, with errors and without data."""
    answer = await world.answer(text, variables)
    assert (400, ["errors", "status"]) == (answer["status"], sorted(answer))


async def test_an_operation_by_name(world: WorldCrm) -> None:
    """Of several operations the named one runs."""
    answer = await world.answer("query a { a: __typename } query b { b: __typename }", operation_name="b")
    assert {"b": "Query"} == answer["data"]


async def test_reading_only(world: WorldCrm) -> None:
    """Where only reading is allowed, a mutation is refused before anything runs."""
    text = 'mutation { createGadget(data: {name: "A"}) { __typename } }'
    assert (405, 0) == ((await world.answer(text, read_only=True))["status"], world.runs)
    assert 200 == (await world.answer("{ gadgets { totalCount } }", read_only=True))["status"]


async def test_a_refused_query(world: WorldCrm) -> None:
    """A refusal in a query is an error with its code and violations."""
    (error,) = (await world.answer('{ gadget(id: "x") { id } }'))["errors"]
    assert ("VALIDATION", ["gadget"]) == (error["extensions"]["code"], error["path"])
    assert [("id", "NOT_AN_ID")] == [(v["path"], v["code"]) for v in error["extensions"]["violations"]]


async def test_a_bug_in_a_query(
    world: WorldCrm, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """A bug that leaves no data is a 500 with a number, and the log has the trace."""

    async def broken(*_given: Any, **_more: Any) -> None:
        msg = "a secret of the inside"
        raise RuntimeError(msg)

    monkeypatch.setattr(world.planner, "read", broken)
    answer = await world.answer("{ gadgets { totalCount } }")
    assert (500, None) == (answer["status"], answer["data"])
    (error,) = answer["errors"]
    assert error["extensions"]["incident"] in caplog.text
    assert "secret" not in str(answer)


async def test_row_rules_hide_what_is_read_not_what_was_written(world: WorldCrm) -> None:
    """Somebody without rights gets a problem for a write and nothing for a read."""
    nobody = Actor(ActorType.USER, "user_2", "Nobody", access=NOTHING)
    await world.data('mutation { createGadget(data: {name: "A"}) { __typename } }')
    assert {"gadgets": {"totalCount": 0}} == await world.data("{ gadgets { totalCount } }", actor=nobody)
    text = 'mutation { createGadget(data: {name: "A"}) { ... on Problem { code } } }'
    assert {"createGadget": {"code": "FORBIDDEN"}} == await world.data(text, actor=nobody)


@pytest.mark.parametrize("name", ["\ud800", "a\ud800b", "\x00", "😀", "a" * 100_000])
async def test_strange_texts(world: WorldCrm, name: str) -> None:
    """Half surrogates, U+0000 and long texts are stored or refused, in every place a client can put them."""
    text = """mutation ($name: String!, $key: String) { createGadget(data: {name: $name}, idempotencyKey: $key) {
        __typename ... on Problem { message violations { path message } } } }"""
    assert 200 == (await world.answer(text, {"name": name}))["status"]
    assert 200 == (await world.answer(text, {"name": "Lamp", "key": name}))["status"]
    query = "query ($name: String!) { gadgets(filter: {name: {eq: $name}}) { totalCount } }"
    assert (await world.answer(query, {"name": name}))["status"] in (200, 400)
    assert (await world.answer("query ($name: ID!) { node(id: $name) { id } }", {"name": name}))["status"] in (200, 400)
    cursor = "query ($name: String!) { gadgets(after: $name) { totalCount } }"
    assert (await world.answer(cursor, {"name": name}))["status"] in (200, 400)


def test_half_surrogates_can_be_sent() -> None:
    """UTF-8 has no half surrogates; an answer that would hold one has U+FFFD."""
    assert '{"a":["x\ufffdy",{"\ufffd":1}]}'.encode() == to_json({"a": ["x\ud800y", {"\udc00": 1}]})


async def test_introspection(world: WorldCrm) -> None:
    """A client can ask for the schema, beside data and through fragments."""
    text = """{ ...s gadgets { totalCount } __typename __type(name: "Gadget") { name } }
        fragment s on Query { __schema { mutationType { name } } }"""
    got = await world.data(text)
    assert ["__schema", "gadgets", "__typename", "__type"] == list(got)
    assert ({"mutationType": {"name": "Mutation"}}, {"totalCount": 0}, "Query", {"name": "Gadget"}) == tuple(
        got.values()
    )
