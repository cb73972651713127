"""Values on their way into a database: what neither takes is refused, and what SQLite does not know is written as text."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, date, datetime
from functools import lru_cache
from math import isfinite
from operator import attrgetter
from typing import Any, TypeVar
from uuid import UUID

import msgspec

from crmcore.database import instants
from crmcore.errors import Invalid

__all__ = ["checked", "for_postgresql", "for_sqlite", "json_text", "sqlite_rows", "sqlite_values", "unencodable"]

T = TypeVar("T")

_INT64 = 2**63
#: U+0000 as JSON writes it, and not a backslash that is followed by "u0000".
_NUL = re.compile(r"(?<!\\)(?:\\\\)*\\u0000")


def for_sqlite(params: Sequence[Any]) -> dict[str, Any]:
    """Return parameters by placeholder (`$1` is "1").

    Raises:

        Invalid: a text with U+0000, a number that is not finite or has more than 64 bits.
        ValueError: a naive instant.
        TypeError: a value of a type no column has.
    """
    return dict(zip(_names(len(params)), sqlite_values(params), strict=True))


def sqlite_values(params: Sequence[Any]) -> list[Any]:
    """Return parameters in their order.

    Raises:

        Invalid, ValueError, TypeError: as `for_sqlite`.
    """
    convert = _SQLITE.get
    return [value if (kind := convert(type(value), sqlite_value)) is None else kind(value) for value in params]


def sqlite_rows(rows: Sequence[Sequence[Any]]) -> list[tuple[Any, ...]]:
    """Return the parameters of several runs of the same statements, column by column, which of many takes a third of the time.

    Raises:

        Invalid, ValueError, TypeError: as `for_sqlite`.
    """
    columns = [_column(column) for column in zip(*rows, strict=True)]
    return list(zip(*columns, strict=True)) if columns else [()] * len(rows)


def _column(values: Sequence[Any]) -> Sequence[Any]:
    kinds = set(map(type, values))
    convert = _COLUMN.get(kinds.pop(), sqlite_values) if len(kinds) == 1 else sqlite_values
    return convert(values)


def _texts(values: Sequence[str]) -> Sequence[str]:
    _text("".join(values))
    return values


def _instants(values: Sequence[datetime]) -> Sequence[str]:
    plain = {UTC}.issuperset(map(_zone, values)) and all(map(_microsecond, values))
    # The library leaves out a fraction that is nothing.
    return msgspec.to_builtins(values) if plain else [*map(instants.wire, values)]


def _list(value: Sequence[Any]) -> str:
    # Most have nothing: the teams of somebody who belongs to none.
    return json_text(value) if value else "[]"


@lru_cache(256)
def _names(count: int) -> tuple[str, ...]:
    return tuple(map(str, range(1, count + 1)))


def for_postgresql(params: Sequence[Any]) -> Sequence[Any]:
    """Return the parameters, checked alike; asyncpg and its JSON codec convert them by the type of the place."""
    for value in params:
        if (check := _CHECKS.get(type(value))) is not None:
            check(value)
    return params


def checked(kind: type[T]) -> Callable[[T], T]:
    """Return what checks values of a type as `for_postgresql` does, and returns them."""
    return _CHECKS[kind]


def sqlite_value(value: Any) -> Any:
    """Return one value as SQLite stores it."""
    convert = _SQLITE.get(type(value), _unknown)
    if convert is _unknown:
        convert = next((c for kind, c in _SQLITE.items() if isinstance(value, kind)), _unknown)
    return value if convert is None else convert(value)


def json_text(value: Any) -> str:
    """Write a JSON value as text; a text counts as JSON that is written already.

    Raises:

        Invalid: a text in it holds U+0000, which PostgreSQL has no room for.
    """
    if not isinstance(value, str):
        value = json.dumps(value, ensure_ascii=False, separators=(",", ":"), default=_inside)
    if _NUL.search(value):
        raise _nul()
    return str(value)


def _nul() -> Invalid:
    """The refusal of a text with U+0000."""
    return Invalid("A text holds the character U+0000, which no database stores; leave it out.")


def unencodable() -> Invalid:
    """The refusal of a text that is no Unicode text (half of a surrogate pair)."""
    return Invalid(
        "A text holds half of a character (a lone surrogate), which no database stores; send whole characters."
    )


def _text(value: str) -> str:
    if "\0" in value:
        raise _nul()
    return value


def _integer(value: int) -> int:
    if not -_INT64 <= value < _INT64:
        raise Invalid("A whole number is larger than 64 bits hold; the largest is 9223372036854775807.")
    return value


def _number(value: float) -> float:
    if not isfinite(value):
        raise Invalid("A number is infinite or none at all (NaN), which cannot be stored; leave it out.")
    return value


def _aware(value: datetime) -> datetime:
    if value.tzinfo is not UTC:
        instants.wire(value)
    return value


def _inside(value: Any) -> str:
    if isinstance(value, UUID):
        return str(value)
    if isinstance(value, datetime):
        return instants.wire(value)
    if isinstance(value, date):
        return value.isoformat()
    return str(_unknown(value))


def _unknown(value: Any) -> Any:
    msg = (
        f"No column holds a {type(value).__name__}; give text, numbers, UUIDs, instants, dates, booleans, JSON or None."
    )
    raise TypeError(msg)


#: By type, None where a value goes in as it is; subclasses are found in this order, so datetime stands before date and bool before int.
_SQLITE: dict[type, Callable[[Any], Any] | None] = {
    str: _text,
    bool: int,
    int: _integer,
    type(None): None,
    UUID: msgspec.to_builtins,  # a text, by C
    datetime: instants.wire,
    date: date.isoformat,
    float: _number,
    bytes: None,
    dict: json_text,
    list: _list,
    tuple: _list,
}
#: The same of a column whose values are all of one type.
_COLUMN: Mapping[type, Callable[[Sequence[Any]], Sequence[Any]]] = {
    str: _texts,
    type(None): tuple,
    bytes: tuple,
    UUID: msgspec.to_builtins,
    datetime: _instants,
}
_zone, _microsecond = attrgetter("tzinfo"), attrgetter("microsecond")
_CHECKS: dict[type, Callable[[Any], Any]] = {str: _text, datetime: _aware, float: _number, int: _integer}
