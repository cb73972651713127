"""The schema is told to those who may know it, and worked out once."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest
from graphql import get_introspection_query, graphql_sync

from crmcore.access.actor import Access, Actor, Scope
from crmcore.access.permissions import INTROSPECT
from crmcore.graphql.requests import introspection
from tests.graphql.conftest import ANA, WorldCrm

READS = {"gadget:read": Scope.ALL}
STRANGER = replace(ANA, access=Access(scopes=READS))
INFORMED = replace(ANA, access=Access(scopes=READS, permissions=frozenset({INTROSPECT})))


@pytest.mark.parametrize(
    "text",
    [
        "{ __schema { queryType { name } } }",
        '{ __type(name: "Gadget") { name } }',
        "{ gadgets { totalCount } a: __schema { queryType { name } } }",
        "{ ...F } fragment F on Query { ... { __schema { queryType { name } } } }",
        "query ($no: Boolean!) { __schema @skip(if: $no) { queryType { name } } }",
    ],
)
async def test_introspection_needs_the_permission(world: WorldCrm, text: str) -> None:
    """However it is hidden; the message names the permission."""
    answer = await world.answer(text, {"no": True}, actor=STRANGER)
    (error,) = answer["errors"]
    assert ("data" in answer, error["extensions"]["code"]) == (False, "FORBIDDEN")
    assert INTROSPECT in error["message"]
    assert "errors" not in await world.answer(text, {"no": True}, actor=INFORMED)


async def test_type_names_need_no_permission(world: WorldCrm) -> None:
    """Clients' caches cannot do without."""
    data = await world.data("{ __typename gadgets { __typename } }", actor=STRANGER)
    assert data == {"__typename": "Query", "gadgets": {"__typename": "GadgetConnection"}}


@pytest.mark.parametrize(
    ("text", "variables"),
    [
        ("{ gadgetz { totalCount } }", None),
        ("query ($f: GadgetFilter) { gadgets(filter: $f) { totalCount } }", {"f": {"namee": {"eq": "x"}}}),
        ("{ gadgets(filter: {namee: {eq: 1}}) { totalCount } }", None),
        ("query ($o: [GadgetOrder!]) { gadgets(orderBy: $o) { totalCount } }", {"o": [{"field": "NAMEE"}]}),
    ],
)
async def test_names_are_suggested_with_the_permission_only(
    world: WorldCrm, text: str, variables: dict[str, object] | None
) -> None:
    """In documents and in variables."""
    said = {}
    for actor in (STRANGER, INFORMED, STRANGER):
        answer = await world.answer(text, variables, actor=actor)
        said[actor.access.may(INTROSPECT)] = "Did you mean" in answer["errors"][0]["message"]
    assert said == {False: False, True: True}


async def test_introspection_is_what_graphql_core_says(world: WorldCrm) -> None:
    """The whole schema, with a root of the planner beside it."""
    text = get_introspection_query(specified_by_url=True, directive_is_repeatable=True)
    data = await world.data(text.replace("__schema {", "gadgets { totalCount } __schema {", 1), actor=INFORMED)
    assert data == {"gadgets": {"totalCount": 0}} | (graphql_sync(world.schema.graphql, text).data or {})


async def test_introspection_is_worked_out_once(world: WorldCrm, monkeypatch: pytest.MonkeyPatch) -> None:
    """For everybody, by operation and variables; and away from the event loop, which goes on."""
    made, inner = [], introspection._text

    def counted(*arguments: object) -> bytes:
        with pytest.raises(RuntimeError):
            asyncio.get_running_loop()
        made.append(arguments)
        return inner(*arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(introspection, "_text", counted)
    text = "query ($n: String!) { __type(name: $n) { name } }"
    names = []
    for name in ("Gadget", "Gadget", "Maker", "Nothing", "Gadget"):
        for actor in (INFORMED, Actor.system()):
            answer = await world.answer(text, {"n": name}, actor=actor)
            names.append((answer["data"]["__type"] or {"name": None})["name"])
    assert names == ["Gadget"] * 4 + ["Maker"] * 2 + [None] * 2 + ["Gadget"] * 2
    assert len(made) == 3
