"""What kinds of values a field can hold, and what each is called in either database and in GraphQL."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, NewType
from uuid import UUID

from crmcore.database import instants

__all__ = ["BIGINT", "BOOL", "DATE", "ENUM", "FLOAT", "ID", "INSTANT", "INT", "JSON", "KINDS", "TEXT", "BigInt", "Kind"]

#: Annotates an integer of 64 bits, where actions and Strawberry types say `int` for one of 32; clients see a text of digits.
BigInt = NewType("BigInt", int)


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of value.

    Attributes:

        name: how declarations and mapping files call it.
        sqlite: the column type in SQLite. Piccolo converts by this word when it reads, so it is chosen to suit that.
        postgresql: the column type in PostgreSQL.
        python: the type of a value in actions and events.
        write: from that type to what the SQLite driver stores.
        operators: filter operators, in the order clients see them.
    """

    name: str
    sqlite: str
    postgresql: str
    python: type
    write: Callable[[Any], Any]
    operators: tuple[str, ...]


def _same(value: Any) -> Any:
    return value


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


_EQUAL = ("eq", "ne", "in", "notIn")
_ORDER = ("gt", "gte", "lt", "lte")
_TEXT = ("contains", "startsWith", "endsWith")
_NULL = ("isNull",)
#: By where it lies from today.
_DAYS = ("lastDays", "nextDays", "during")

TEXT = Kind("text", "TEXT", "TEXT", str, _same, (*_EQUAL, *_ORDER, *_TEXT, *_NULL))
#: A closed set; stored as the member's name.
ENUM = Kind("enum", "TEXT", "TEXT", str, _same, (*_EQUAL, *_NULL))
INT = Kind("int", "INT", "INTEGER", int, _same, (*_EQUAL, *_ORDER, *_NULL))
BIGINT = Kind("bigint", "BIGINT", "BIGINT", int, _same, (*_EQUAL, *_ORDER, *_NULL))
FLOAT = Kind("float", "DOUBLE", "DOUBLE PRECISION", float, _same, (*_EQUAL, *_ORDER, *_NULL))
BOOL = Kind("bool", "BOOLEAN", "BOOLEAN", bool, int, ("eq", "ne", *_NULL))
INSTANT = Kind("instant", "TIMESTAMPTZ", "TIMESTAMPTZ", datetime, instants.wire, (*_EQUAL, *_ORDER, *_NULL, *_DAYS))
DATE = Kind("date", "DATE", "DATE", date, date.isoformat, (*_EQUAL, *_ORDER, *_NULL, *_DAYS, "anniversaryWithinDays"))
ID = Kind("id", "UUID", "UUID", UUID, str, (*_EQUAL, *_NULL))
JSON = Kind("json", "JSON", "JSONB", object, _json, _NULL)

KINDS = {k.name: k for k in (TEXT, ENUM, INT, BIGINT, FLOAT, BOOL, INSTANT, DATE, ID, JSON)}
