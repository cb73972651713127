"""What a statement gives for each of several values, had at once: a thread that comes back from SQLite waits for Python's lock."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Sequence
from functools import lru_cache
from itertools import chain
from typing import Any

from crmcore.cache import Cache
from crmcore.database.sqlite.program import MOST_VALUES, numbered

__all__ = ["Answers"]

Rows = list[tuple[Any, ...]]

#: A statement has one of these numbers of values, so that few are kept prepared; the last ones are repeated.
_SIZES = (2, 4, 8, 16)
#: Statements of which it is known how many columns they give, and how they are asked several times at once.
_KNOWN = 256
#: Characters of those; SQLite takes a million in one statement.
_LONGEST = 64_000


class Answers:
    """Reads on a connection, in whichever thread has it.

    Args:

        raw: the connection.
    """

    def __init__(self, raw: sqlite3.Connection) -> None:
        self._raw, self._widths = raw, Cache[str, int](_KNOWN)

    def to(self, sql: str, asked: Sequence[Sequence[Any]]) -> list[Rows]:
        """Return the rows that a statement gives for each of the values; an id may come as text."""
        size = next((size for size in _SIZES if len(asked) <= size), 0)
        fits = len(asked) > 1 and 0 < size * len(asked[0]) <= MOST_VALUES and size * len(sql) <= _LONGEST
        if fits and (found := self._at_once(sql, size, asked)) is not None:
            return found
        alone = numbered(sql)
        return [self._raw.execute(alone, values).fetchall() for values in asked]

    def _at_once(self, sql: str, size: int, asked: Sequence[Sequence[Any]]) -> list[Rows] | None:
        """Return them if there is a row for each at most, and JSON has all that is in it; None if not."""
        whole = _together(sql, size, len(asked[0]), self._width(sql, asked[0]))
        values = [*chain.from_iterable(asked), *list(asked[-1]) * (size - len(asked))]
        ((text, exact),) = self._raw.execute(whole, values).fetchall()
        rows = json.loads(text)
        by_number: dict[int, tuple[Any, ...]] = {number: tuple(row) for number, *row in rows}
        if not exact or len(by_number) < len(rows):
            return None
        return [[by_number[number]] if number in by_number else [] for number in range(len(asked))]

    def _width(self, sql: str, values: Sequence[Any]) -> int:
        width = self._widths.get(sql)
        if width is None:
            width = len(self._raw.execute(f"select * from ({numbered(sql)}) limit 0", values).description)
            self._widths.put(sql, width)
        return width


@lru_cache(_KNOWN)
def _together(sql: str, size: int, count: int, width: int) -> str:
    columns = [f"c{n}" for n in range(width)]
    each = " union all ".join(f"select {n}, * from ({numbered(sql, n * count)})" for n in range(size))
    # A text that SQLite knows for JSON would become a part of it.
    shown = [f"case typeof({c}) when 'text' then {c} || '' when 'integer' then {c} end" for c in columns]
    exact = [f"typeof({c}) in ('text', 'integer', 'null')" for c in columns]
    return (
        f"with crm_asked (n, {', '.join(columns)}) as ({each}) "
        f"select json_group_array(json_array(n, {', '.join(shown)})), coalesce(min({' and '.join(exact)}), 1) "
        "from crm_asked"
    )
