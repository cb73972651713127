"""Statements that are run by one: an insert into a view, whose trigger is made of them, runs them for each of its rows."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterable, Sequence
from functools import lru_cache
from itertools import chain
from typing import Any, NamedTuple

__all__ = ["MOST_VALUES", "Program", "Programs", "numbered"]

#: A placeholder, or a text or name in quotes, in which none is one.
_PLACEHOLDER = re.compile(r"\$(\d+)|'[^']*'|\"[^\"]*\"")
#: Programs of a connection; where there are more, all are made anew when they are needed.
_MOST = 256
#: Values that SQLite takes in one statement, since 3.32; how it was built may only raise that.
MOST_VALUES = 32766
#: An insert has one of these numbers of rows, so that few statements are kept prepared.
_SIZES = (16, 8, 4, 2, 1)


class Program(NamedTuple):
    """Statements and how many values they have.

    Attributes:

        text: the statements, in which `new.v1` to `new.vn` stand for the values.
        width: how many values there are.
    """

    text: str
    width: int

    @classmethod
    def of(cls, statements: Iterable[tuple[str, int]]) -> Program:
        """Make one of statements with placeholders `$1` to `$n`, each with its n; it has their values one after the other."""
        parts, width = list[str](), 0
        for sql, count in statements:
            parts.append(numbered(sql, width, "new.v"))
            width += count
        return cls("".join(f"{part};\n" for part in parts), width)


class Programs:
    """The programs that a connection knows, as temporary views; used in whichever thread has the connection.

    Args:

        raw: the connection.
    """

    def __init__(self, raw: sqlite3.Connection) -> None:
        self._raw, self._names = raw, dict[Program, str]()

    def named(self, program: Program) -> str:
        """Return the view of a program, outside a transaction; it is made if there is none yet.

        Raises:

            sqlite3.Error: a statement of it cannot be part of a trigger, as one with `with`, with an alias of the table that it
                writes, or with `returning`.
        """
        if (name := self._names.get(program)) is not None:
            return name
        if len(self._names) >= _MOST:
            self.forget()
        name = f"crm_program_{len(self._names) + 1}"
        values = ", ".join(f"null as v{n}" for n in range(1, program.width + 1))
        self._raw.execute(f"create temp view {name} as select {values}")
        try:
            self._raw.execute(f"create temp trigger {name}_run instead of insert on {name} begin\n{program.text}end")
            self._raw.execute(f"explain {_insert(name, program.width, 1)}", [None] * program.width).fetchall()
        except sqlite3.Error:
            self._raw.execute(f"drop view {name}")
            raise
        self._names[program] = name
        return name

    def forget(self) -> None:
        """Drop all of them: whoever changes a table would have to change what is said of it in them."""
        for name in self._names.values():
            self._raw.execute(f"drop view {name}")
        self._names.clear()

    def run(self, name: str, width: int, rows: Sequence[Sequence[Any]]) -> None:
        """Run a program of so many values with those of each row, one row after the other."""
        first = 0
        for size in _SIZES:
            while len(rows) - first >= size and (size == 1 or size * width <= MOST_VALUES):
                self._raw.execute(_insert(name, width, size), list(chain.from_iterable(rows[first : first + size])))
                first += size


@lru_cache(1024)
def _insert(name: str, width: int, rows: int) -> str:
    row = f"({', '.join('?' * width)})"
    return f"insert into {name} values {', '.join([row] * rows)}"


def numbered(sql: str, before: int = 0, place: str = "?") -> str:
    """Return a statement with another placeholder for each `$n`, of the number n and as many more as stand before."""
    return _PLACEHOLDER.sub(lambda found: f"{place}{int(found[1]) + before}" if found[1] else found[0], sql.strip())
