"""Transactions as one statement: an insert into a view, whose trigger is made of their statements, runs them for each of its rows."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import Any, NamedTuple

from crmcore.database.group_commit import Unread

__all__ = ["Program", "Programs"]

Rows = list[tuple[Any, ...]]

#: A placeholder, or a text or name in quotes, in which none is one.
_PLACEHOLDER = re.compile(r"\$(\d+)|'[^']*'|\"[^\"]*\"")
#: Programs of a connection; where there are more, all are made anew when they are needed.
_MOST = 256
#: An insert has one of these numbers of rows, so that few statements are kept prepared; those that nobody needs do nothing.
_SIZES = (1, 2, 4, 8, 16)
#: Columns that SQLite takes, if it was not built to take more; it takes sixteen times as many values.
_WIDEST = 2000
_UNREAD = "What was asked for is done, but the database cannot show it now; tell the operator."


class Program(NamedTuple):
    """The statements of a transaction and how many values they have.

    Attributes:

        text: the statements but the last one, in which `new.v1` to `new.vn` stand for the values.
        last: the last one, a read, whose rows are the answer; with placeholders `$1` to `$n`.
        before: how many values the others have.
        width: how many all have.
    """

    text: str
    last: str
    before: int
    width: int

    @classmethod
    def of(cls, statements: Iterable[tuple[str, int]], last: tuple[str, int]) -> Program:
        """Make one of statements with placeholders `$1` to `$n`, each with its n; it has their values one after the other."""
        parts, width = list[str](), 0
        for sql, count in statements:
            parts.append(_numbered(sql, width))
            width += count
        return cls("".join(f"{part};\n" for part in parts), last[0].strip(), width, width + last[1])


class Programs:
    """The programs that a connection knows, as temporary views; used in whichever thread has the connection.

    Args:

        raw: the connection, which commits each statement that is in no transaction.
    """

    def __init__(self, raw: sqlite3.Connection) -> None:
        self._raw, self._names = raw, dict[Program, str]()

    def named(self, program: Program) -> str:
        """Return the view of a program, outside a transaction; it is made if there is none yet.

        Raises:

            sqlite3.Error: a statement of it cannot be part of a trigger, as one with `with`, with an alias of the table that it
                writes, or with `returning`; or there are too many values.
        """
        if (name := self._names.get(program)) is not None:
            return name
        if len(self._names) >= _MOST:
            self.forget()
        name = f"crm_program_{len(self._names) + 1}"
        try:
            self._make(name, program)
        except sqlite3.Error:
            self._drop(name)
            raise
        self._names[program] = name
        return name

    def forget(self) -> None:
        """Drop all of them: whoever changes a table would have to change what is said of it in them."""
        for name in self._names.values():
            self._drop(name)
        self._names.clear()

    def run(self, program: Program, rows: Sequence[Sequence[Any]]) -> list[Rows]:
        """Run a program with the values of each row, one row after the other, and commit.

        Each time that the thread comes back from SQLite it waits for Python's lock: so all is one statement, which takes one
        step, the commit included.

        Returns:

            what its last statement gave for each, when that one's others were done. What is declared an id or an instant comes
            as text.

        Raises:

            sqlite3.Error: as a statement or a commit; nothing is kept.
            Unread: it is committed, and cannot be read.
        """
        name = self.named(program)
        size = next((size for size in _SIZES if len(rows) <= size), len(rows))
        values = [value for n, row in enumerate(rows) for value in (n, *row)]
        values += [None] * (size * (program.width + 1) - len(values))
        self._raw.execute(_insert(name, program.width, size), values)
        found: list[Rows] = [[] for _ in rows]
        for _, n, *row in sorted(self._answers(name)):
            found[n].append(tuple(row))
        return found

    def _answers(self, name: str) -> Rows:
        while True:
            try:
                return self._raw.execute(f"delete from {name}_answer returning rowid, *").fetchall()
            except Exception as error:  # whatever it is: nobody may think that nothing was kept
                if getattr(error, "sqlite_errorcode", 0) & 0xFF != sqlite3.SQLITE_INTERRUPT:
                    raise Unread(_UNREAD) from error

    def _make(self, name: str, program: Program) -> None:
        if program.width >= _WIDEST:
            msg = f"{program.width} values are too many."
            raise sqlite3.OperationalError(msg)
        given = ", ".join(f"null as v{n}" for n in range(1, program.width + 1))
        self._raw.execute(f"create temp view {name} as select null as n, {given}")
        nothing = {str(n): None for n in range(1, program.width - program.before + 1)}
        answer = self._raw.execute(f"select * from ({program.last}) limit 0", nothing).description
        columns = ", ".join(f"c{n}" for n in range(len(answer)))
        self._raw.execute(f"create temp table {name}_answer (n, {columns})")
        self._raw.execute(
            f"create temp trigger {name}_run instead of insert on {name} when new.n is not null begin\n"
            f"delete from {name}_answer where new.n = 0;\n"  # what could not be read
            f"{program.text}"
            f"insert into {name}_answer select new.n, * from ({_numbered(program.last, program.before)});\nend"
        )
        self._raw.execute(f"explain {_insert(name, program.width, 1)}", [None] * (program.width + 1)).fetchall()

    def _drop(self, name: str) -> None:
        self._raw.execute(f"drop view if exists {name}")
        self._raw.execute(f"drop table if exists {name}_answer")


@lru_cache(1024)
def _insert(name: str, width: int, rows: int) -> str:
    row = f"({', '.join('?' * (width + 1))})"
    return f"insert into {name} values {', '.join([row] * rows)}"


def _numbered(sql: str, before: int) -> str:
    """Return a statement with the values of the row for its placeholders, of which so many stand before."""
    return _PLACEHOLDER.sub(lambda found: f"new.v{int(found[1]) + before}" if found[1] else found[0], sql.strip())
