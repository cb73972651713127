"""Literals with variables in them are read as graphql-core reads them."""

from __future__ import annotations

from typing import Any

from graphql import GraphQLInputType, GraphQLNonNull, GraphQLSchema, build_schema, parse_value
from graphql.execution.values import VariableValues
from graphql.pyutils import Undefined
from graphql.utilities.coerce_input_value import coerce_input_literal
from hypothesis import example, given, settings
from hypothesis import strategies as st

from crmcore.graphql.planner.arguments.literals import has_variable, reader

SCHEMA: GraphQLSchema = build_schema(
    """
    scalar Any
    enum Color { RED GREEN }
    input Size { min: Int, max: Int! = 7, unit: String! }
    input One @oneOf { a: Int, b: String }
    input Filter {
        eq: String, in: [String!], some: [Int], color: Color, colors: [[Color]], size: Size, sizes: [Size!],
        and: [Filter!], not: Filter, one: One, any: Any
    }
    type Query { list(filter: Filter): Int }
    """
)
_LEAVES = st.sampled_from(["$a", "$b", "$c", "null", "1", '"x"', "RED", "BLUE", "{a: $a}", "[$a]", "[1, $b]"])
_NAMES = st.sampled_from(
    ["eq", "in", "some", "color", "colors", "size", "sizes", "and", "not", "one", "any", "min", "max", "unit", "a", "z"]
)
_LITERALS = st.recursive(
    _LEAVES,
    lambda inner: st.one_of(
        st.lists(inner, max_size=3).map(lambda items: f"[{', '.join(items)}]"),
        st.dictionaries(_NAMES, inner, max_size=3).map(
            lambda members: "{" + ", ".join(f"{name}: {value}" for name, value in members.items()) + "}"
        ),
    ),
    max_leaves=8,
)
_VARIABLES = st.dictionaries(
    st.sampled_from("abc"), st.sampled_from([None, 1, "x", ["x"], {"min": 1}, [None]]), max_size=3
)


@settings(max_examples=600)
@given(_LITERALS, _VARIABLES, st.booleans())
@example("{size: {unit: $a}, in: [$b]}", {"a": "cm", "b": "x"}, False)
@example("{size: {unit: $a, max: $b}}", {"a": "cm"}, False)
@example("{some: [$a, 1]}", {}, True)
@example("{and: {eq: $a}}", {"a": None}, True)
@example("{one: {a: $a}}", {"a": None}, True)
@example("{eq: $a, size: $b}", {}, True)
def test_a_literal_is_what_graphql_core_makes_of_it(text: str, variables: dict[str, Any], needed: bool) -> None:
    """Value for value and in the same order, and nothing where graphql-core refuses it."""
    type_: GraphQLInputType = SCHEMA.type_map["Filter"]  # type: ignore[assignment]
    if needed:
        type_ = GraphQLNonNull(type_)  # type: ignore[type-var]
    node = parse_value(text)
    expected = coerce_input_literal(node, type_, VariableValues({}, variables))
    if (read := reader(node, type_)) is not None:
        assert repr(expected) == repr(read(variables))
    elif has_variable(node) and expected is not Undefined:
        # What is left to graphql-core: sets of one, and documents.
        assert "one" in text or "any" in text


def test_what_clients_write_is_read_here() -> None:
    """A filter with variables at its leaves is not left to graphql-core."""
    node = parse_value("{and: [{eq: $a}, {not: {size: {unit: $b, min: 1}}}], in: [$a, $b]}")
    read = reader(node, SCHEMA.type_map["Filter"])  # type: ignore[arg-type]
    assert read is not None
    size = {"min": 1, "max": 7, "unit": "n"}
    assert {"in": ["m", "n"], "and": [{"eq": "m"}, {"not": {"size": size}}]} == read({"a": "m", "b": "n"})
