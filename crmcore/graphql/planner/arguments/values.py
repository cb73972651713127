"""How a value of each kind is read from a filter's operand and from a cursor."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from math import isfinite
from typing import Any
from uuid import UUID

from crmcore.database import ids, instants
from crmcore.entities import kinds
from crmcore.entities.kinds import Kind
from crmcore.errors import Invalid

__all__ = ["from_cursor", "member_name", "operand", "text"]


def text(value: str) -> str:
    """Return a text that a database can hold.

    Raises:

        Invalid: it has U+0000 or half of a surrogate pair.
    """
    if not value.isascii():
        try:
            value.encode()
        except UnicodeEncodeError:
            raise Invalid.at(
                "", "NOT_TEXT", "The text holds half of a character (a lone surrogate); send whole characters."
            ) from None
    if "\0" in value:
        raise Invalid.at("", "NOT_TEXT", "The text holds the character U+0000, which no record holds; leave it out.")
    return value


def _number(value: float) -> float:
    if not isfinite(value):
        raise Invalid.at("", "NOT_FINITE", "The number is too large; give one below 1.8e308.")
    return value


def member_name(value: Any) -> str:
    """Return an enum member's name, as it is stored."""
    return str(value.name)


def operand(kind: Kind, target: str | None) -> Callable[[Any], Any] | None:
    """Return what turns a coerced argument into the value of a column, None if it is that already.

    Args:

        kind: the column's.
        target: for ids, the entity they must name.
    """
    if kind is kinds.ID and target is not None:
        return lambda given: ids.parse(text(given), target)
    return _OPERANDS.get(kind)


_OPERANDS: Mapping[Kind, Callable[[Any], Any]] = {
    kinds.TEXT: text,
    kinds.FLOAT: _number,
    kinds.ENUM: member_name,
    kinds.ID: UUID,
}


_FROM_CURSOR: Mapping[Kind, tuple[type, Callable[[Any], Any]]] = {
    kinds.TEXT: (str, text),
    kinds.ENUM: (str, text),
    kinds.INT: (int, int),
    kinds.BIGINT: (str, int),
    kinds.FLOAT: (float, lambda value: _number(float(value))),
    kinds.BOOL: (bool, bool),
    kinds.INSTANT: (str, instants.parse),
    kinds.DATE: (str, date.fromisoformat),
    kinds.ID: (str, UUID),
}


_BOUNDS: Mapping[Kind, int] = {kinds.INT: 2**31, kinds.BIGINT: 2**63}


def from_cursor(kind: Kind, value: Any) -> Any:
    """Read one key of a cursor.

    Raises:

        Invalid: the cursor was not made by this list.
    """
    expected, read = _FROM_CURSOR[kind]
    try:
        # A bool is an int to Python, and a whole number may be written where any number may stand.
        if type(value) is not expected and not (expected is float and type(value) is int):
            return _refuse()
        found = read(value)
        bound = _BOUNDS.get(kind)
        return found if bound is None or -bound <= found < bound else _refuse()
    except (ValueError, OverflowError, Invalid):
        raise Invalid.at("", "NOT_A_CURSOR", "This is no cursor of this list; start again without one.") from None


def _refuse() -> Any:
    raise ValueError
