"""Arguments of the same shape in every request: what was worked out once is what would be worked out each time."""

from __future__ import annotations

from typing import Any

import pytest
from graphql import OperationDefinitionNode, parse
from graphql.execution.values import VariableValues
from hypothesis import example, given, settings
from hypothesis import strategies as st

from crmcore.graphql.planner.arguments.given import REFUSED
from crmcore.graphql.planner.arguments.sites import Sites
from crmcore.graphql.planner.arguments.templates import Template
from crmcore.graphql.types.enums import OrderDirection
from tests.graphql.planner.world import schema, uuid

_IDS = [f"buyer_{uuid(3, 1)}", f"buyer_{uuid(3, 2)}", f"deal_{uuid(5, 1)}", "buyer_no", "nothing", "\0"]
_ID, _TEXT, _WHOLE = st.sampled_from(_IDS), st.sampled_from(["x", "y", None]), st.sampled_from([None, 0, 1, 5, 2000])
_FLAG, _CURSOR = (
    st.sampled_from([None, True, False]),
    st.sampled_from([None, "7b5d", "5b312c20325d", "5b312c206e756c6c5d"]),
)
_OBJECT = st.sampled_from([None, {}, {"name": {"eq": "x"}}, {"name": {"eq": "y"}}, {"rank": {"eq": 1}}])
_LIST = st.sampled_from([None, [], ["x"], ["x", "y"]])

#: Fields with arguments, and what their variables may be once they are coerced.
_FIELDS: list[tuple[str, dict[str, st.SearchStrategy[Any]]]] = [
    ("buyer(id: $a) { id }", {"a": _ID}),
    ("node(id: $a) { id }", {"a": _ID}),
    ("nodes(ids: [$a, $b]) { id }", {"a": _ID, "b": _ID}),
    ("buyers(first: $a, filter: {name: {eq: $b}}) { totalCount }", {"a": _WHOLE, "b": _TEXT}),
    ("buyers(first: $a, filter: {rank: {eq: $a}}) { totalCount }", {"a": _WHOLE}),
    (
        "buyers(filter: {name: {in: [$a, $b]}, and: [{rank: {gt: $c}}, {not: {vip: {eq: $d}}}]}) { totalCount }",
        {"a": _TEXT, "b": _TEXT, "c": _WHOLE, "d": _FLAG},
    ),
    (
        "buyers(filter: {name: {eq: $a}}, orderBy: [{field: NAME, direction: $b}], after: $c) { totalCount }",
        {"a": _TEXT, "b": st.sampled_from(OrderDirection), "c": _CURSOR},
    ),
    ("buyers(filter: $a) { totalCount }", {"a": _OBJECT}),
    ("buyers(filter: {name: {eq: $a, ne: $a}}) { totalCount }", {"a": _TEXT}),
    ("buyers(filter: {name: {in: $a}}, first: $b) { totalCount }", {"a": _LIST, "b": _WHOLE}),
]


@st.composite
def _asked(draw: st.DrawFn) -> tuple[str, list[dict[str, Any]]]:
    field, variables = draw(st.sampled_from(_FIELDS))
    request = st.fixed_dictionaries({}, optional=variables)
    return field, draw(st.lists(request, min_size=2, max_size=6))


def _sites(field: str) -> Sites:
    (definition,) = parse(f"{{ {field} }}").definitions
    assert isinstance(definition, OperationDefinitionNode)
    sites = Sites(schema().graphql, {})
    sites.add_selections(definition.selection_set, schema().graphql.query_type)
    return sites


def _read(sites: Sites, variables: dict[str, Any]) -> Any:
    shapes, values, _ = sites.read(VariableValues({}, variables))
    # What a refusal says is an object of its own each time.
    return shapes, [
        [str(v) for v in each] if shape == REFUSED else each for shape, each in zip(shapes, values, strict=True)
    ]


@settings(max_examples=200, deadline=None)
@given(_asked())
@example((_FIELDS[3][0], [{"a": 2000, "b": "x"}, {"a": 5, "b": "x"}, {"a": 1, "b": "y"}]))
@example((_FIELDS[4][0], [{"a": 2000}, {"a": 5}]))
@example((_FIELDS[5][0], [{"a": "x", "b": "y", "c": 1, "d": True}, {"a": "x", "b": "y", "c": 2, "d": False}]))
@example((_FIELDS[1][0], [{"a": _IDS[0]}, {"a": _IDS[2]}, {"a": _IDS[3]}, {"a": _IDS[1]}]))
@example((_FIELDS[8][0], [{"a": "x"}, {"a": "y"}, {"a": None}]))
def test_what_went_before_changes_nothing(asked: tuple[str, list[dict[str, Any]]]) -> None:
    """Shape and values of each request are those that it has as the first one."""
    field, requests = asked
    sites = _sites(field)
    assert [_read(_sites(field), each) for each in requests] == [_read(sites, each) for each in requests]


@pytest.mark.parametrize(
    ("field", "first", "second"),
    [
        (_FIELDS[0][0], {"a": _IDS[0]}, {"a": _IDS[1]}),
        (_FIELDS[3][0], {"a": 5, "b": "x"}, {"a": 5, "b": "y"}),
        (_FIELDS[8][0], {"a": "x"}, {"a": "y"}),
    ],
)
def test_it_is_worked_out_once(
    field: str, first: dict[str, Any], second: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Guards the test above: requests that differ in plain values alone are filled in."""
    sites, filled = _sites(field), list[bool]()
    real = Template.filled

    def told(self: Template, variables: Any) -> Any:
        filled.append((found := real(self, variables)) is not None)
        return found

    sites.read(VariableValues({}, first))
    monkeypatch.setattr(Template, "filled", told)
    sites.read(VariableValues({}, second))
    assert [True] == filled
