"""What the planner answers equals what graphql-core's executor answers over plain resolvers."""

from __future__ import annotations

import json

from tests.graphql.planner.conftest import Desk
from tests.graphql.planner.operations import OPERATIONS
from tests.graphql.planner.reference import Reference, without_cursors


async def test_every_operation_is_answered_as_graphql_core_answers_it_key_order_included(desk: Desk) -> None:
    """Aliases, fragments, directives, nulls, nesting, filters and orders: the same JSON, and one statement each."""
    reference = Reference()
    differences = []
    for name, text, variables in OPERATIONS:
        desk.statements.clear()
        try:
            result = await desk.read(text, variables)
            found = json.dumps(without_cursors(json.loads(result.json)), ensure_ascii=False)
            assert not result.errors, result.errors
        except Exception as problem:
            found = repr(problem)
        expected = json.dumps(reference.ask(text, variables), ensure_ascii=False)
        if json.loads(expected) != _parsed(found) or _keys(json.loads(expected)) != _keys(_parsed(found)):
            differences.append(f"{name}\n  expected {expected}\n  found    {found}")
        elif len(desk.statements) != (0 if name == "root typename alone" else 1):
            differences.append(f"{name}: {len(desk.statements)} statements")
    assert differences == []


def _parsed(text: str) -> object:
    try:
        return json.loads(text)
    except ValueError:
        return text


def _keys(value: object) -> object:
    """Return the order of the keys, but of JSON columns, whose order PostgreSQL does not keep."""
    if isinstance(value, dict):
        return [(k, _keys(v)) for k, v in value.items() if k != "extra"]
    return [_keys(v) for v in value] if isinstance(value, list) else None
