"""The scalars: what they accept, what they refuse with which words, and what cannot make them fall over."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
from graphql import GraphQLError, GraphQLScalarType, parse, parse_value, validate

from crmcore.graphql.schema.schema import build_schema
from tests.graphql.world import ACTIONS, ENTITIES, registries

SCHEMA = build_schema(ENTITIES, registries(), ACTIONS).graphql
CUSTOM = ("DateTime", "Date", "Decimal", "BigInt", "Currency", "JSON")
STRANGE: list[Any] = [
    10**5000,
    float("nan"),
    float("inf"),
    "x" * 1_000_000,
    "\ud800",
    "\x00",
    True,
    [],
    {},
    {"a": [1]},
    "",
    "9" * 5000,
    "1e999999999",
    "NaN",
    "-",
    "٣",
]


def scalar(name: str) -> GraphQLScalarType:
    """Return a scalar of the schema."""
    type_ = SCHEMA.type_map[name]
    assert isinstance(type_, GraphQLScalarType)
    return type_


@pytest.mark.parametrize(
    ("name", "given", "expected"),
    [
        ("DateTime", "2026-01-31T09:30:00Z", datetime(2026, 1, 31, 9, 30, tzinfo=UTC)),
        ("DateTime", "2026-01-31T10:30:00+01:00", datetime(2026, 1, 31, 9, 30, tzinfo=UTC)),
        ("Date", "2026-01-31", date(2026, 1, 31)),
        ("Decimal", "-1234.50", Decimal("-1234.50")),
        ("BigInt", "9223372036854775807", 2**63 - 1),
        ("BigInt", 12, 12),
        ("Currency", "EUR", "EUR"),
        ("JSON", {"a": [1, "b", None, 1.5, True]}, {"a": [1, "b", None, 1.5, True]}),
    ],
)
def test_values(name: str, given: Any, expected: Any) -> None:
    """A well-formed value is read exactly."""
    assert expected == scalar(name).coerce_input_value(given)


@pytest.mark.parametrize(
    ("name", "given", "message"),
    [
        ("DateTime", "2026-01-31T09:30:00", "DateTime cannot be '2026-01-31T09:30:00': 2026-01-31T09:30:00 has no time zone; add one, for example 2026-01-31T09:30:00Z; write for example \"2026-01-31T09:30:00Z\"."),
        ("DateTime", 5, 'DateTime cannot be 5; write a text, for example "2026-01-31T09:30:00Z".'),
        ("Date", "20260131", "Date cannot be '20260131': expected YYYY-MM-DD; write for example \"2026-01-31\"."),
        ("Date", "2026-02-30", "Date cannot be '2026-02-30': day is out of range for month; write for example \"2026-01-31\"."),
        ("Decimal", 1.5, 'Decimal cannot be 1.5; write a text, for example "1234.50".'),
        ("BigInt", 2**63, 'BigInt cannot be a number of more than 19 digits; write a text, for example "9007199254740993".'),
        ("BigInt", "9223372036854775808", "BigInt cannot be '9223372036854775808': it does not fit into 64 bits; write for example \"9007199254740993\"."),
        ("Currency", "eur", "Currency cannot be 'eur': it is not an active ISO 4217 code; write for example \"EUR\", \"CNY\" or \"USD\"."),
        ("JSON", 10**30, "JSON cannot hold a number of more than 19 digits; write it as a text."),
        ("JSON", [float("nan")], "JSON has neither NaN nor infinite numbers."),
        ("JSON", {"a": float("inf")}, "JSON has neither NaN nor infinite numbers."),
    ],
)  # fmt: skip
def test_refusals(name: str, given: Any, message: str) -> None:
    """A malformed value is refused with what is wrong and an example."""
    with pytest.raises(GraphQLError) as raised:
        scalar(name).coerce_input_value(given)
    assert message == raised.value.message


@pytest.mark.parametrize("name", CUSTOM)
@pytest.mark.parametrize("given", STRANGE, ids=range(len(STRANGE)))
def test_strange_values_are_read_or_refused(name: str, given: Any) -> None:
    """Whatever a client sends is either read or a GraphQL error of a bearable length that can be sent."""
    message = ""
    try:
        scalar(name).coerce_input_value(given)
    except GraphQLError as error:
        message = error.message
    assert len(message.encode()) < 400


def test_nested_json() -> None:
    """JSON nested too deeply is refused before anything recurses far."""
    deep: Any = 1
    for _ in range(200):
        deep = [deep]
    with pytest.raises(GraphQLError, match="more than 32 levels"):
        scalar("JSON").coerce_input_value(deep)


def test_json_literals() -> None:
    """JSON may be written into a document, variables within it included."""
    json = scalar("JSON")
    literal = parse_value('{a: [1, 2.5, "x", true, null, WORD], b: $v}')
    assert {"a": [1, 2.5, "x", True, None, "WORD"], "b": {"c": 1}} == json.parse_literal(literal, {"v": {"c": 1}})


@pytest.mark.parametrize("digits", ["1" * 5000, "-" + "1" * 5000])
@pytest.mark.parametrize(
    "place",
    [
        "extra: {eq: %s}", "serial: {eq: %s}", "partsCount: {eq: %s}", "soldAt: {eq: %s}", "madeOn: {eq: %s}",
        "price: {amount: {eq: %s}}", "weight: {eq: %s}", "id: {eq: %s}", "name: {eq: %s}",
    ],
)  # fmt: skip
def test_long_numbers_in_documents(place: str, digits: str) -> None:
    """A number of 5000 digits in a document is at worst an error."""
    document = parse("{ gadgets(filter: {%s}) { totalCount } }" % (place % digits))
    assert all(len(e.message) < 6000 for e in validate(SCHEMA, document))


def test_variables_within_literals_are_valid() -> None:
    """A variable within a JSON literal passes validation."""
    document = parse('mutation ($x: JSON) { createGadget(data: {name: "a", extra: {a: $x}}) { __typename } }')
    assert [] == validate(SCHEMA, document)


def test_written_values_pass_through() -> None:
    """A value the database wrote as text is not written again."""
    written = {
        "DateTime": "2026-01-31T09:30:00.000000Z",
        "Date": "2026-01-31",
        "BigInt": "5",
        "Decimal": "1.50",
        "Currency": "EUR",
    }
    assert written == {name: scalar(name).coerce_output_value(text) for name, text in written.items()}
