"""What an error makes null: the nearest field around it that may be, once for each record it happens at."""

from __future__ import annotations

import json
from typing import Any

import pytest

from crmcore.access.actor import Access, Effect, Scope
from tests.graphql.planner.conftest import Desk
from tests.graphql.planner.world import ENTITIES, person, uuid

_BUYERS = f'filter: {{id: {{in: ["buyer_{uuid(3, 4)}", "buyer_{uuid(3, 5)}", "buyer_{uuid(3, 7)}"]}}}}, orderBy: {{field: ID}}'
_READ_ALL = {f"{name}:read": Scope.ALL for name in ENTITIES}


def _hiding(entity: str, field: str) -> Any:
    return person(Access(scopes=_READ_ALL, effects={(entity, field): Effect.HIDDEN}))


async def _read(desk: Desk, text: str, **more: Any) -> tuple[Any, list[tuple[list[str | int], str]]]:
    result = await desk.read(text, **more)
    return json.loads(result.json), [(list(e.path or ()), (e.extensions or {})["code"]) for e in result.errors]


async def test_an_argument_of_a_nested_list_nulls_the_record_above_and_no_more(desk: Desk) -> None:
    """`children` may not be null, `parent` may; each of the records has the error, with its place in the list."""
    data, errors = await _read(
        desk,
        f"{{ buyers({_BUYERS}) {{ nodes {{ rank parent {{ children(first: -1) {{ totalCount }} }} }} }} stages {{ totalCount }} }}",
    )
    assert data == {
        "buyers": {"nodes": [{"rank": 0, "parent": None}, {"rank": None, "parent": None}, {"rank": 3, "parent": None}]},
        "stages": {"totalCount": 3},
    }
    assert errors == [(["buyers", "nodes", n, "parent", "children"], "VALIDATION") for n in range(3)]


async def test_where_there_is_no_record_there_is_no_error(desk: Desk) -> None:
    """What is never executed cannot fail: an empty list, a link to nobody."""
    text = f'{{ buyers(filter: {{name: {{eq: "no such"}}}}) {{ nodes {{ deals(first: -1) {{ totalCount }} }} }} buyer(id: "buyer_{uuid(3, 6)}") {{ parent {{ calls(after: "x") {{ totalCount }} }} }} }}'
    assert await _read(desk, text) == ({"buyers": {"nodes": []}, "buyer": {"parent": None}}, [])


async def test_without_anything_that_may_be_null_around_it_all_is_null(desk: Desk) -> None:
    """Only the error that came first counts, as the executor would have stopped there."""
    text = f"{{ buyers({_BUYERS}) {{ nodes {{ deals(first: -1) {{ totalCount }} calls(first: -1) {{ totalCount }} }} }} stages(first: -1) {{ totalCount }} }}"
    assert await _read(desk, text) == (None, [(["buyers", "nodes", 0, "deals"], "VALIDATION")])


async def test_a_value_of_a_variable_nulls_as_a_literal_does(desk: Desk) -> None:
    """It is found out later, when the values are bound; a plan for it is kept and gives the next request its own answer."""
    text = f'query ($n: Int) {{ a: buyer(id: "buyer_{uuid(3, 4)}") {{ rank parent {{ deals(first: $n) {{ totalCount }} }} }} }}'
    for _ in range(2):
        refused = {"a": {"rank": 0, "parent": None}}, [(["a", "parent", "deals"], "VALIDATION")]
        assert await _read(desk, text, variables={"n": 1000}) == refused
        data, errors = await _read(desk, text, variables={"n": 1})
        assert (list(data["a"]["parent"]), errors) == (["deals"], [])


async def test_a_hidden_field_that_may_not_be_null_nulls_its_record(desk: Desk) -> None:
    """In a list that means the list, and what holds it."""
    actor = _hiding("stage", "position")
    text = f'{{ a: deal(id: "deal_{uuid(5, 3)}") {{ name stage {{ name position }} }} }}'
    assert await _read(desk, text, actor=actor) == (
        {"a": {"name": "Deal 3", "stage": None}},
        [(["a", "stage", "position"], "FORBIDDEN")],
    )
    answer = await _read(desk, "{ stages { nodes { position } } }", actor=actor)
    assert answer == (None, [(["stages", "nodes", 0, "position"], "FORBIDDEN")])


async def test_under_an_interface_only_the_type_that_has_the_error_is_null(desk: Desk) -> None:
    """Elements of `nodes(ids:)` may be null one by one; no mark of a type stays in the others."""
    text = "query ($ids: [ID!]!) { nodes(ids: $ids) { id ... on Buyer { deals(first: -1) { totalCount } } ... on Stage { name } } }"
    ids = [f"stage_{uuid(4, 1)}", f"buyer_{uuid(3, 4)}", f"buyer_{uuid(3, 4000)}", f"buyer_{uuid(3, 5)}"]
    assert await _read(desk, text, variables={"ids": ids}) == (
        {"nodes": [{"id": ids[0], "name": "Stage 1"}, None, None, None]},
        [(["nodes", n, "deals"], "VALIDATION") for n in (1, 3)],
    )


@pytest.mark.parametrize("field", ["deals(first: 1)", "deals"])
async def test_an_error_inside_what_is_null_already_is_not_told(desk: Desk, field: str) -> None:
    """`a` fails after `b` in the document, and what holds both is null by then."""
    text = f'{{ buyer(id: "buyer_{uuid(3, 4)}") {{ parent {{ b: calls(first: -1) {{ totalCount }} a: {field} {{ nodes {{ buyer {{ calls(first: -2) {{ totalCount }} }} }} }} }} }} }}'
    data, errors = await _read(desk, text)
    assert (data, errors) == ({"buyer": {"parent": None}}, [(["buyer", "parent", "b"], "VALIDATION")])


async def test_what_became_null_before_all_did_is_told_too(desk: Desk) -> None:
    """The executor had noted it by then: `avgPosition` may be null, `sumPosition` may not."""
    actor = _hiding("stage", "position")
    answer = await _read(desk, "{ stages { aggregate { avgPosition count sumPosition } } }", actor=actor)
    assert answer == (None, [(["stages", "aggregate", name], "FORBIDDEN") for name in ("avgPosition", "sumPosition")])
