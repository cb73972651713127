"""Records for a mutation's payload: by ids, with the payload's selection, in one statement."""

from __future__ import annotations

import json
from typing import Any

from graphql import FieldNode, OperationDefinitionNode, parse

from crmcore.access.actor import NOTHING, Access, Actor, Scope
from crmcore.graphql.planner import ReadRecord
from tests.graphql.planner.conftest import Desk
from tests.graphql.planner.world import ROOT, person, uuid

_FIELDS = "id name greeting deals(first: $n) { nodes { name } } ... on Node { id } ...F @include(if: $y)"
_TEXT = f"mutation ($n: Int, $y: Boolean = false) {{ a: __typename {{ __typename ... on Buyer {{ {_FIELDS} }} ... on Problem {{ message }} }} }} fragment F on Buyer {{ rank }}"


class _Payload:
    def __init__(self, desk: Desk, text: str = _TEXT) -> None:
        self.desk, document = desk, parse(text)
        operation = document.definitions[0]
        assert isinstance(operation, OperationDefinitionNode)
        self.nodes = [n for n in operation.selection_set.selections if isinstance(n, FieldNode)]
        self.fragments = {d.name.value: d for d in document.definitions[1:]}  # type: ignore[attr-defined]
        self.operation = desk.documents.get(
            "query ($n: Int, $y: Boolean = false) { buyers(first: $n) { nodes { id @skip(if: $y) } } }"
        )

    async def ask(
        self, ids: list[Any], actor: Actor = ROOT, variables: dict[str, Any] | None = None, **more: Any
    ) -> list[ReadRecord]:
        values = self.desk.planner.coerce(self.operation, variables or {})
        return await self.desk.planner.read_records(
            self.desk, "buyer", ids, self.nodes, self.fragments, values, actor, **more
        )

    async def read(self, ids: list[Any], actor: Actor = ROOT, **more: Any) -> list[Any]:
        found = await self.ask(ids, actor, **more)
        assert [r.errors for r in found] == [()] * len(found)
        return [None if r.text is None else json.loads(r.text) for r in found]


async def test_records_come_in_the_order_of_their_ids_and_null_where_there_is_none(desk: Desk) -> None:
    """Twice if asked for twice, with one statement."""
    found = await _Payload(desk).read([uuid(3, 7), uuid(3, 999), uuid(3, 4), uuid(3, 7)])
    assert [r and r["name"] for r in found] == ["ada", None, "o'neil, %x_y\\", "ada"]
    assert found[0] == found[3]
    assert list(found[0]) == ["__typename", "id", "name", "greeting", "deals"]
    assert len(desk.statements) == 1


async def test_variables_and_flags_are_those_of_the_mutation(desk: Desk) -> None:
    """Nested arguments and @include obey them."""
    [record] = await _Payload(desk).read([uuid(3, 4)], variables={"n": 1, "y": True})
    assert len(record["deals"]["nodes"]) == 1
    assert "rank" in record


async def test_what_was_just_written_is_shown_deleted_or_out_of_reach(desk: Desk) -> None:
    """The actor has just had it in hand; a plain read obeys the rules."""
    payload, ids = _Payload(desk), [uuid(3, 10), uuid(3, 4)]
    assert [r and r["id"] for r in await payload.read(ids, person(NOTHING))] == [f"buyer_{i}" for i in ids]
    assert await payload.read(ids, person(NOTHING), after_write=False) == [None, None]
    assert [r and r["id"] for r in await payload.read(ids, after_write=False)] == [None, f"buyer_{ids[1]}"]


async def test_records_below_the_written_one_obey_their_rules(desk: Desk) -> None:
    """Only the written record itself is exempt."""
    [free] = await _Payload(desk).read([uuid(3, 5)])
    [bound] = await _Payload(desk).read([uuid(3, 5)], person(Access(scopes={"deal:read": Scope.NONE})))
    assert free["deals"]["nodes"]
    assert bound["deals"]["nodes"] == []


async def test_the_plan_of_a_payload_is_kept(desk: Desk) -> None:
    """The same nodes with other ids are a hit."""
    payload = _Payload(desk)
    for number in (4, 5, 7):
        await payload.read([uuid(3, number)])
    assert (desk.planner.plans.hits, desk.planner.plans.misses) == (2, 1)


async def test_no_ids_are_no_records(desk: Desk) -> None:
    """An empty batch."""
    assert await _Payload(desk).read([]) == []


async def test_an_argument_below_that_cannot_be_read_makes_the_record_null(desk: Desk) -> None:
    """The error is placed from the record, whose own place the caller knows; where there is no record there is none."""
    ids = [uuid(3, 4), uuid(3, 999), uuid(3, 5)]
    found = await _Payload(desk).ask(ids, variables={"n": 1000})
    assert [(r.text, [e.path for e in r.errors]) for r in found] == [
        (None, [["deals"]]),
        (None, []),
        (None, [["deals"]]),
    ]


async def test_an_error_below_something_nullable_leaves_the_record(desk: Desk) -> None:
    """Each record has its own errors."""
    text = "mutation { a: __typename { ... on Buyer { rank parent { deals(first: -1) { totalCount } } } } }"
    found = await _Payload(desk, text).ask([uuid(3, 4), uuid(3, 6)])
    assert [json.loads(r.text or "") for r in found] == [{"rank": 0, "parent": None}, {"rank": 2, "parent": None}]
    assert [[e.path for e in r.errors] for r in found] == [[["parent", "deals"]], []]
