"""Rows as PostgreSQL's bulk load reads them: COPY in its text format, a line a row (PostgreSQL's documentation, "COPY").

Neither a statement's values nor JSON come near it: asyncpg looks at each value of a list before it writes it, and the server
reads JSON by its names, row by row.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

import asyncpg.pgproto.pgproto

from crmcore.database import instants
from crmcore.database.values import checked, json_text, unencodable

__all__ = ["lines"]

_ESCAPES = str.maketrans({"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r"})


_text_checked, _whole_checked, _number_checked = checked(str), checked(int), checked(float)


def _text(value: str) -> str:
    _text_checked(value)
    if "\\" in value or "\n" in value or "\t" in value or "\r" in value:
        return value.translate(_ESCAPES)
    return value


def _id(value: UUID) -> str:
    # A quarter of what str() takes; PostgreSQL can do without the hyphens.
    return f"{value.int:032x}"


def _json(value: Any) -> str:
    return _text(json_text(value))


_WRITTEN: Mapping[type, Callable[[Any], str]] = {
    str: _text,
    type(None): lambda _: "\\N",
    UUID: _id,
    asyncpg.pgproto.pgproto.UUID: _id,
    int: lambda value: str(_whole_checked(value)),
    float: lambda value: repr(_number_checked(value)),
    bool: lambda value: "t" if value else "f",
    datetime: instants.wire,
    date: date.isoformat,
    dict: _json,
    list: _json,
    tuple: _json,
}


def lines(rows: Sequence[Sequence[Any]]) -> bytes:
    """Return rows as COPY reads them; lists and dicts are JSON.

    Raises:

        Invalid: a text holds half of a character.
        KeyError: a value of a type no column has.
    """
    written = _WRITTEN
    text = "".join(["\t".join([written[type(value)](value) for value in row]) + "\n" for row in rows])
    try:
        return text.encode()
    except UnicodeEncodeError:
        raise unencodable() from None
