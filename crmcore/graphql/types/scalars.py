"""The scalars GraphQL does not have: how clients write them, how they are read, and what is refused with which words."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any, NewType

import strawberry
from graphql import GraphQLError, IntValueNode, StringValueNode, ValueNode
from strawberry.scalars import JSON
from strawberry.types.scalar import ScalarDefinition

from crmcore.database import instants
from crmcore.database.money import CURRENCIES
from crmcore.entities.kinds import BigInt
from crmcore.graphql.types.json_scalar import DEEPEST, LARGEST, check_json, json_literal, shown

__all__ = ["JSON", "SCALARS", "BigInt", "Currency"]

#: The annotation that stands for a scalar which has no Python type of its own.
Currency = NewType("Currency", str)

_DIGITS = re.compile(r"-?[0-9]{1,19}")
_DECIMAL = re.compile(r"-?[0-9]{1,30}(\.[0-9]{1,20})?")
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


def _from_text(name: str, read: Callable[[str], Any], example: str) -> Callable[[Any], Any]:
    def parse(value: Any) -> Any:
        if isinstance(value, str):
            try:
                return read(value)
            except (ValueError, OverflowError) as problem:
                reason = str(problem).encode("utf-8", "backslashreplace").decode().rstrip(".")
                reason = reason if len(reason) < 160 else "it is malformed"
                msg = f"{name} cannot be {shown(value)}: {reason}; write for example {example}."
                raise GraphQLError(msg) from None
        msg = f"{name} cannot be {shown(value)}; write a text, for example {example}."
        raise GraphQLError(msg)

    return parse


def _matching(pattern: re.Pattern[str], expected: str, then: Callable[[str], Any]) -> Callable[[str], Any]:
    def read(text: str) -> Any:
        if not pattern.fullmatch(text):
            raise ValueError(expected)
        return then(text)

    return read


def _read_big_integer(text: str) -> int:
    value = int(text)
    if abs(value) > LARGEST:
        msg = "it does not fit into 64 bits"
        raise ValueError(msg)
    return value


def _parse_big_integer(value: Any) -> int:
    if isinstance(value, int) and not isinstance(value, bool) and abs(value) <= LARGEST:
        return value
    return int(_big_integer_from_text(value))


_big_integer_from_text = _from_text(
    "BigInt", _matching(_DIGITS, "expected up to 19 digits", _read_big_integer), '"9007199254740993"'
)


def _big_integer_literal(node: ValueNode, _variables: Any = None) -> int:
    if isinstance(node, (IntValueNode, StringValueNode)):
        return _parse_big_integer(node.value)
    msg = f'BigInt cannot be {node.kind.removesuffix("_value")}; write for example "9007199254740993".'
    raise GraphQLError(msg, node)


def _read_currency(text: str) -> str:
    if text not in CURRENCIES:
        msg = "it is not an active ISO 4217 code"
        raise ValueError(msg)
    return text


def _write_instant(value: Any) -> str:
    return value if isinstance(value, str) else instants.wire(value)


def _write_date(value: Any) -> str:
    return value if isinstance(value, str) else value.isoformat()


#: For `StrawberryConfig.scalar_map`: what each Python annotation is in GraphQL.
SCALARS: Mapping[object, ScalarDefinition] = {
    datetime: strawberry.scalar(
        name="DateTime",
        description="An instant in UTC with microseconds: `2026-01-31T09:30:00.000000Z`. Any offset is accepted, none is not.",
        specified_by_url="https://www.rfc-editor.org/rfc/rfc3339",
        serialize=_write_instant,
        parse_value=_from_text("DateTime", instants.parse, '"2026-01-31T09:30:00Z"'),
    ),
    date: strawberry.scalar(
        name="Date",
        description="A calendar date without a time zone: `2026-01-31`.",
        specified_by_url="https://www.rfc-editor.org/rfc/rfc3339",
        serialize=_write_date,
        parse_value=_from_text("Date", _matching(_DATE, "expected YYYY-MM-DD", date.fromisoformat), '"2026-01-31"'),
    ),
    Decimal: strawberry.scalar(
        name="Decimal",
        description='An exact decimal number as a text of at most 30 digits before the point and 20 after it: `"1234.50"`.',
        serialize=str,
        parse_value=_from_text(
            "Decimal", _matching(_DECIMAL, "expected digits and at most one point", Decimal), '"1234.50"'
        ),
    ),
    BigInt: strawberry.scalar(
        name="BigInt",
        description="A signed 64-bit integer as a text of digits, since JSON readers round large numbers. A number is accepted too.",
        serialize=str,
        parse_value=_parse_big_integer,
        parse_literal=_big_integer_literal,
    ),
    Currency: strawberry.scalar(
        name="Currency",
        description="An active currency's ISO 4217 code in capitals: `EUR`.",
        specified_by_url="https://www.iso.org/iso-4217-currency-codes.html",
        serialize=str,
        parse_value=_from_text("Currency", _read_currency, '"EUR", "CNY" or "USD"'),
    ),
    JSON: strawberry.scalar(
        name="JSON",
        description=f"Any JSON value, nested at most {DEEPEST} levels deep, its integers within 64 bits.",
        specified_by_url="https://www.rfc-editor.org/rfc/rfc8259",
        serialize=lambda value: value,
        parse_value=check_json,
        parse_literal=json_literal,
    ),
}
