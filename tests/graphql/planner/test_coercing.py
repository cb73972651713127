"""Values of variables are coerced as graphql-core coerces them, whatever was coerced before by the same shape."""

from __future__ import annotations

import sys
from typing import Any

import pytest
from graphql import GraphQLInputObjectType, GraphQLInputType, GraphQLSchema, build_schema
from graphql.pyutils import Undefined
from graphql.utilities import coerce_input_value
from hypothesis import given, settings
from hypothesis import strategies as st

from crmcore.graphql.planner.arguments.coercion import Coercer

SCHEMA: GraphQLSchema = build_schema(
    """
    enum Color { RED GREEN }
    input Size { min: Int, max: Int! = 7, unit: String! }
    input Thing {
        text: String, id: ID, color: Color = GREEN, number: Float, flag: Boolean, size: Size, sizes: [Size!],
        texts: [String], inner: Thing, said: String! = "nothing"
    }
    type Query { list(thing: Thing): Int }
    """
)
THING, SIZE = SCHEMA.type_map["Thing"], SCHEMA.type_map["Size"]
assert isinstance(THING, GraphQLInputObjectType)
assert isinstance(SIZE, GraphQLInputObjectType)
THING.fields["text"].out_name = "own_text"
#: One for all examples, so that a shape is known from others.
COERCER = Coercer()

_leaves = st.sampled_from(["RED", "BLUE", "x", "", None, True, 7, 7.5, 2**40])
_names = st.sampled_from([*THING.fields, *SIZE.fields, "unknown"])
_values = st.recursive(
    _leaves, lambda inner: st.lists(inner, max_size=2) | st.dictionaries(_names, inner, max_size=4), max_leaves=8
)
_things = st.fixed_dictionaries(
    {}, optional={name: (st.just("x") | _values if name in ("text", "id") else _values) for name in THING.fields}
)


def both(value: Any, type_: GraphQLInputType = THING) -> tuple[Any, Any]:
    """What each makes of a value; in which order fields come says nothing."""
    return _ordered(COERCER.of(type_)(value, 0)), _ordered(coerce_input_value(value, type_))


def _ordered(value: Any) -> str:
    if isinstance(value, list):
        return f"[{', '.join(map(_ordered, value))}]"
    return repr(sorted((name, _ordered(one)) for name, one in value.items()) if isinstance(value, dict) else value)


@given(_things)
@settings(max_examples=300, deadline=None)
def test_it_is_what_graphql_core_makes_of_it(thing: Any) -> None:
    """In whichever order fields were given: `Undefined` where graphql-core has to say what is wrong."""
    own, theirs = both(dict(reversed(thing.items())))
    assert own == theirs


@pytest.mark.parametrize(
    "thing",
    [
        {"text": "x", "color": "RED"},
        {"text": None, "color": "RED"},
        {"text": 7, "color": "RED"},
        {"text": "x", "color": None},
        {"text": "x", "color": "BLUE"},
        {"id": 7},
        {"id": "7"},
        {"id": 7.5},
        {"said": None},
        {"size": {"unit": "cm"}},
        {"size": {"unit": "cm", "max": None}},
        {"size": {"min": 1}},
        {"sizes": {"unit": "cm", "min": 1}},
        {"texts": "x", "inner": {"inner": {"number": 1}}},
        {},
    ],
)
def test_of_like_names_the_types_count(thing: Any) -> None:
    """What is a text already may stay; the same field with something else in it may not."""
    own, theirs = both(thing)
    assert own == theirs


def test_what_is_absent_has_its_default() -> None:
    """Of fields that are given the default does not count."""
    assert {"color": "GREEN", "said": "nothing"} == COERCER.of(THING)({}, 0)
    assert {"color": None, "said": "x"} == COERCER.of(THING)({"said": "x", "color": None}, 0)


def test_names_that_clients_make_up_are_not_remembered() -> None:
    """They could be a megabyte each, and there are hundreds of types."""
    name = "".join(["none of", " the fields"])
    held = sys.getrefcount(name)
    for value in ({name: 1}, {name: {}, "text": "x"}, {"inner": {name: None}}):
        assert COERCER.of(THING)(value, 0) is Undefined
    del value
    assert held == sys.getrefcount(name)
