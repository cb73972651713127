"""The short way to a field's arguments gives what graphql-core gives."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from graphql import (
    FieldNode,
    GraphQLError,
    GraphQLSchema,
    OperationDefinitionNode,
    build_schema,
    get_argument_values,
    get_variable_values,
    parse,
)
from graphql.execution.values import VariableValues

from crmcore.graphql.planner.arguments.whole import argument_values

SCHEMA: GraphQLSchema = build_schema("""
    input In { a: Int! b: [String] }
    type Query { f(data: In, must: Int!, size: Int = 7, need: Int! = 8, list: [Int!]): Int }
""")
VALUES: tuple[dict[str, Any], ...] = (
    {},
    {"d": {"a": 1}, "m": 2, "s": 3, "n": 4, "l": [5]},
    {"d": {"a": 1, "b": ["x", None]}, "m": 2},
    {"d": None, "m": 2, "s": None, "l": None},
    {"m": 2, "n": None},
    {"m": 2, "l": 5},
)


@pytest.mark.parametrize("given", VALUES)
@pytest.mark.parametrize(
    "arguments",
    [
        "data: $d, must: $m, size: $s, need: $n, list: $l",
        "must: $m",
        "must: $m, data: $d",
        "must: 1, data: {a: 2}",
        "must: $m, data: {a: $m}",
        "must: $m, list: [$m, 3]",
        "need: $n, must: $m",
    ],
)
def test_it_is_what_graphql_core_gives(arguments: str, given: dict[str, Any]) -> None:
    """Also where a variable is null or absent, and where an argument has a default."""
    document = parse(f"query ($d: In, $m: Int = 6, $s: Int, $n: Int = 9, $l: [Int!]) {{ f({arguments}) }}")
    operation = document.definitions[0]
    assert isinstance(operation, OperationDefinitionNode)
    variables = get_variable_values(SCHEMA, operation.variable_definitions or [], given)
    assert isinstance(variables, VariableValues)
    node = operation.selection_set.selections[0]
    assert isinstance(node, FieldNode)
    assert SCHEMA.query_type is not None
    field = SCHEMA.query_type.fields["f"]
    expected = outcome(lambda: get_argument_values(field, node, variables))
    assert expected == outcome(lambda: argument_values(field, node, variables))


def outcome(read: Callable[[], dict[str, Any]]) -> Any:
    """What is read, in order, or the words of the error."""
    try:
        return list(read().items())
    except GraphQLError as error:
        return error.message
