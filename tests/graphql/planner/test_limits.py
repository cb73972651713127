"""Hostile documents are refused before they cost anything: the work is counted, not timed."""

from __future__ import annotations

import pytest
from graphql import FieldNode, parse

from crmcore.graphql.planner import Documents, GraphQLErrors, Limits, limits
from tests.graphql.planner.world import schema

_BOMB = (
    "{ buyers { nodes { ...F0 } } } "
    + " ".join(
        f"fragment F{n} on Buyer {{ a{n}: parent {{ ...F{n + 1} }} b{n}: parent {{ ...F{n + 1} }} }}" for n in range(16)
    )
    + " fragment F16 on Buyer { id }"
)
_TWICE = (
    "{ buyers { nodes { ...F0 } } } "
    + " ".join(f"fragment F{n} on Buyer {{ ...F{n + 1} ...F{n + 1} }}" for n in range(25))
    + " fragment F25 on Buyer { id }"
)

#: What each attack of facts/graphql.md, section 4, must meet.
ATTACKS = {
    "1000 aliases": ("{" + " ".join(f"a{n}: __typename" for n in range(1000)) + "}", "tokens"),
    "300 aliases": ("{" + " ".join(f"a{n}: __typename" for n in range(300)) + "}", "300 aliases; at most 30"),
    "300 overlapping fields": ("{" + "buyers{nodes{id name parent{id}}} " * 300 + "}", "tokens"),
    "fields": ("{ buyers { nodes { " + "id " * 600 + "} } }", "fields; at most 500"),
    "directives": ("{ buyers { nodes { id " + "@skip(if: false) " * 100 + "} } }", "100 directives; at most 30"),
    "deep": (
        "{ buyers { nodes { " + "parent { " * 40 + "id" + " }" * 40 + " } } }",
        "43 levels of nested fields; at most 16",
    ),
    "fragments twice each": (_TWICE, "more than 5000 fields"),
    "fragment bomb": (_BOMB, "aliases"),
    "circular fragments": (
        "{ ...A } fragment A on Query { ...B } fragment B on Query { ...A }",
        "Cannot spread fragment",
    ),
    "100k braces": ("{" * 100_000, "Syntax Error"),
    "100k nested fields": ("{a" * 100_000, "characters"),
    "nested fields": ("{a" * 900 + "}" * 900, "nested too deeply"),
    "nested lists": ("{ buyers(filter: " + "{and: [" * 300 + "]}" * 300 + ") { totalCount } }", "nested too deeply"),
    "an integer of 5000 digits": ("{ buyers(first: " + "9" * 5000 + ") { totalCount } }", "more than 400 digits"),
    "a float of 5000 digits": (
        "{ buyers(filter: {ratio: {gt: " + "9" * 5000 + ".5}}) { totalCount } }",
        "more than 400 digits",
    ),
    "comments": ("#\n" * 5000 + "{ __typename }", "comments"),
    "oversized": ("{ __typename }" + " " * 200_000, "200014 characters; at most 100000"),
    "empty": ("", "Syntax Error"),
    "no operation": ("fragment F on Buyer { id }", "F"),
    "unknown field": ("{ nonsense }", "Cannot query field 'nonsense'"),
}


@pytest.mark.parametrize("name", ATTACKS)
def test_an_attack_is_refused(name: str) -> None:
    """With a message that says what is too much."""
    text, words = ATTACKS[name]
    with pytest.raises(GraphQLErrors) as refused:
        Documents(schema().graphql).get(text)
    assert words in str(refused.value)


@pytest.mark.parametrize("bomb", [_TWICE, _BOMB])
def test_measuring_a_document_visits_each_selection_once(bomb: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Fragments that spread each other twice hold 2^25 fields; counting them takes no more steps than the text has."""
    visits = []
    measured = limits._Measure.selection
    monkeypatch.setattr(limits._Measure, "selection", lambda self, node: visits.append(node) or measured(self, node))
    assert limits.check(parse(bomb), Limits())
    assert len(visits) < 150


def test_validation_does_not_see_what_is_too_large(monkeypatch: pytest.MonkeyPatch) -> None:
    """Its rule on overlapping fields is quadratic, others are exponential."""
    monkeypatch.setattr("crmcore.graphql.planner.document.validate", None)
    for name in ("300 aliases", "fields", "directives", "deep", "fragments twice each", "fragment bomb"):
        with pytest.raises(GraphQLErrors):
            Documents(schema().graphql).get(ATTACKS[name][0])


def test_fragments_count_wherever_they_are_spread() -> None:
    """Two spreads of three aliases are six."""
    text = "{ buyers { nodes { ...F parent { ...F } } } } fragment F on Buyer { a: id b: id c: id }"
    assert Documents(schema().graphql, limits=Limits(aliases=6)).get(text)
    with pytest.raises(GraphQLErrors, match="6 aliases; at most 5"):
        Documents(schema().graphql, limits=Limits(aliases=5)).get(text)


def test_the_introspection_query_is_within_the_limits() -> None:
    """Tools ask it as it is."""
    from graphql import get_introspection_query

    operation = Documents(schema().graphql).get(get_introspection_query())
    assert isinstance(operation.definition.selection_set.selections[0], FieldNode)
