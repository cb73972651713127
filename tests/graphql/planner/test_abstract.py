"""Interfaces and unions, wherever they stand: fragments on them are answered as graphql-core answers them."""

from __future__ import annotations

import json

from tests.graphql.planner.conftest import Desk
from tests.graphql.planner.reference import Reference, without_cursors
from tests.graphql.planner.world import uuid

_BUYER, _DEAL, _MARK, _NOBODY = (
    f"buyer_{uuid(3, 5)}",
    f"deal_{uuid(5, 1)}",
    f"mark_{uuid(7, 0)}",
    f"deal_{uuid(5, 999)}",
)
_STAGE, _CALL = f"stage_{uuid(4, 1)}", f"call_{uuid(6, 3)}"
_FRAGMENTS = """
fragment Named on Node { id ...Anything ... on Buyer { called: name ...Kin } ... on Deal { called: name buyer { ...Kin id } } }
fragment Anything on Node { type: __typename ... { ... on Node { ... on Stage { position } ... on Call { topic } } } }
fragment Kin on Buyer { parent { ...Id name } greeting ... on Node { id } }
fragment Id on Node { id }
fragment Entry on TimelineEntry { __typename ...Id ... on Node { ... on TimelineEntry { ... on Deal { called: name } ... on Call { called: topic } ... on Mark { called: key subject { ...Named } } } } }
"""
_OPERATIONS = [
    (f'query ($id: ID!) {{ a: node(id: $id) {{ ...Named }} b: node(id: "{_BUYER}") {{ ...Named }} }}', {"id": _DEAL}),
    (
        "query ($ids: [ID!]!, $y: Boolean!) { nodes(ids: $ids) { ...Id @skip(if: $y) ... on Node @include(if: $y) { ...Named } ... @skip(if: $y) { __typename } } }",
        {"ids": [_DEAL, _NOBODY, _BUYER, _MARK, _STAGE, _CALL, _DEAL], "y": True},
    ),
    (
        "query ($ids: [ID!]!, $y: Boolean!) { nodes(ids: $ids) { ...Id @skip(if: $y) ... on Node @include(if: $y) { ...Named } ... @skip(if: $y) { __typename } } }",
        {"ids": [_DEAL, _NOBODY, _BUYER, _MARK], "y": False},
    ),
    # One key, another field for each type; and fields of one record merged from several fragments.
    (
        "query ($ids: [ID!]!) { nodes(ids: $ids) { ... on Buyer { x: name y: deals(first: 1) { nodes { ...Id } } } ... on Deal { x: name z: stage { deals(first: 2) { totalCount } } } "
        "... on Node { ... on Deal { z: stage { name deals(first: 2) { nodes { ...Id } } } } } ... on Buyer { y: deals(first: 1) { totalCount nodes { name } } } } }",
        {"ids": [_DEAL, _BUYER, _MARK]},
    ),
    ("{ marks(first: 20) { nodes { subject { ...Named } b: subject { ... on Stage { name } __typename } subject { ...Id } } } }", None),
    ("{ buyers(first: 30) { nodes { timeline(first: 4) { nodes { ...Entry } edges { node { ...Entry ... on Call { at } } } } } } }", None),
    (f'{{ node(id: "{_BUYER}") {{ ... on Buyer {{ timeline(last: 2) {{ nodes {{ ...Entry }} }} marks {{ nodes {{ subject {{ ... on Buyer {{ timeline {{ nodes {{ ...Id }} }} }} }} }} }} }} }} }}', None),
    (f'{{ node(id: "{_STAGE}") {{ ... on Buyer {{ timeline {{ nodes {{ ...Entry }} }} }} ... on Deal {{ name }} }} }}', None),
]  # fmt: skip


def _used(text: str) -> str:
    """Add the fragments that an operation uses, and those that these use."""
    written = {line.split()[1]: line for line in _FRAGMENTS.strip().splitlines()}
    while missing := [name for name in written if f"...{name}" in text and f"fragment {name} " not in text]:
        text += "".join(f"\n{written[name]}" for name in missing)
    return text


async def test_fragments_on_interfaces_and_unions_are_answered_as_graphql_core_answers_them(desk: Desk) -> None:
    """In each other, under one key, with directives, on types that never come, beside computed fields: the same JSON."""
    reference = Reference()
    for operation, variables in _OPERATIONS:
        text = _used(operation)
        desk.statements.clear()
        answer = without_cursors(await desk.ask(text, variables))
        assert json.dumps(reference.ask(text, variables)) == json.dumps(answer)
        assert len(desk.statements) == 1
