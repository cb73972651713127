"""Values as answers show them, and as filters compare them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, datetime
from decimal import Decimal
from operator import ge, gt, le, lt
from typing import Any
from uuid import UUID

from crmcore.entities import fields as f
from crmcore.entities import kinds
from tests.graphql.reference.data import Row

__all__ = ["DIGITS", "holds", "money", "shown", "wire"]

#: Digits after the point of the currencies that the data has, and of some others.
DIGITS = {"EUR": 2, "USD": 2, "CNY": 2, "JPY": 0, "KWD": 3, "CLF": 4}


def wire(value: datetime) -> str:
    """Write an aware UTC instant."""
    return value.strftime("%Y-%m-%dT%H:%M:%S.") + f"{value.microsecond:06d}Z"


def money(minor: int, currency: str) -> str:
    """Write minor units as a decimal text."""
    return str(Decimal(minor).scaleb(-DIGITS[currency])) if DIGITS[currency] else str(minor)


def shown(field: f.Scalar, row: Row) -> Any:
    """Return a column's value as an answer shows it."""
    value = row[field.column]
    match value:
        case UUID():
            return f"{row[field.type_column] if field.type_column else field.target}_{value}"
        case datetime():
            return wire(value)
        case date():
            return value.isoformat()
    return str(value) if field.kind is kinds.BIGINT and value is not None else value


def holds(kind: kinds.Kind, value: Any, operators: Mapping[str, Any]) -> bool:
    """Say whether a value meets all operators; an instant, a date and a 64-bit integer come as texts."""
    return all(
        _holds(value, op, _operand(kind, given)) for op, given in operators.items() if (op, given) != ("isNull", None)
    )


def _operand(kind: kinds.Kind, given: Any) -> Any:
    if isinstance(given, list):
        return [_operand(kind, one) for one in given]
    if given is None or isinstance(given, bool):
        return given
    read: dict[str, Callable[[Any], Any]] = {
        kinds.INSTANT.name: datetime.fromisoformat,
        kinds.DATE.name: date.fromisoformat,
        kinds.BIGINT.name: int,
    }
    return read[kind.name](given) if kind.name in read else given


_OF_ANYTHING: dict[str, Callable[[Any, Any], Any]] = {
    "isNull": lambda value, operand: (value is None) is operand,
    "eq": lambda value, operand: value == operand,
    "ne": lambda value, operand: value != operand,
    "in": lambda value, operand: value is not None and value in operand,
    "notIn": lambda value, operand: value is None or value not in operand,
}
_OF_TEXTS: dict[str, Callable[[str, str], bool]] = {
    "contains": lambda value, operand: operand in value,
    "startsWith": str.startswith,
    "endsWith": str.endswith,
}
_COMPARING: dict[str, Callable[[Any, Any], Any]] = {"gt": gt, "gte": ge, "lt": lt, "lte": le}


def _holds(value: Any, operator: str, operand: Any) -> bool:
    if operator in _OF_ANYTHING:
        return bool(_OF_ANYTHING[operator](value, operand))
    if value is None:
        return False
    if operator in _OF_TEXTS:
        return _OF_TEXTS[operator](value.casefold(), operand.casefold())
    if isinstance(value, str):
        value, operand = value.encode(), operand.encode()
    return bool(_COMPARING[operator](value, operand))
