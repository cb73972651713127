"""One statement for the values of many: PostgreSQL unnests an array for each parameter and reads once for each row of them."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

import asyncpg.pgproto.pgproto

from crmcore.database.connection import Params
from crmcore.database.gathering import Row
from crmcore.database.lifo import Lifo
from crmcore.database.postgresql.ahead import array_text
from crmcore.database.postgresql.connection import PostgresConnection
from crmcore.database.postgresql.placeholders import GIVEN, PLAIN, placed

__all__ = ["TogetherStatement", "Values", "prepare", "together"]

#: By type: whose values a group writes as one text. asyncpg asks of each member of an array, in Python, whether it is one itself.
_WRITTEN = {
    **dict.fromkeys(("uuid",), frozenset({UUID, asyncpg.pgproto.pgproto.UUID, type(None)})),
    **dict.fromkeys(("text", "varchar"), frozenset({str, type(None)})),
}
#: Types of which equal values are the same; 0.0 is equal to -0.0, and 1.0 to 1.00 as a decimal.
_COMPARED = frozenset({UUID, asyncpg.pgproto.pgproto.UUID, str, int, bool, type(None), date, datetime})
#: How long it took up to each row; of the last one that is the whole.
_TOOK = "(extract(epoch from clock_timestamp() - statement_timestamp()) * 1000000)::float8"


def together(sql: str, types: Sequence[str], rows: str | None = None) -> str | None:
    """Return the statement that reads what `sql` reads for each of many values of its parameters; None if none can.

    Each row begins with its number, from 1, and ends with the microseconds that it took up to there. A parameter that is
    an array itself stays one parameter, the same for all.

    Args:

        sql: begins with `select`, and gives one row whatever its parameters are.
        types: of its parameters, as asyncpg names them.
        rows: what the values are read from, with which `sql` goes already; by default what `Values.written` gives.
    """
    columns = [number for number, name in enumerate(types, 1) if name in PLAIN]
    if not columns or not all(name.removesuffix("[]") in PLAIN for name in types):
        return None
    one = placed(sql, types) if rows is None else sql
    return f"select {GIVEN}.n, crm_read.*, {_TOOK} from {rows or _rows(types)}, lateral ({one}) crm_read"


async def prepare(connections: Lifo[PostgresConnection], sql: str) -> TogetherStatement | None:
    """Return what reads for many at once, None if the statement cannot.

    Raises:

        Unavailable: the database cannot answer now.
    """
    connection = await connections.take()
    try:
        types = await connection.types(sql)
    finally:
        connections.give(connection)
    whole = together(sql, types)
    return None if whole is None else TogetherStatement(connections, whole, types)


class TogetherStatement:
    """See `crmcore.database.gathering.Gathered`."""

    def __init__(self, connections: Lifo[PostgresConnection], sql: str, types: Sequence[str]) -> None:
        self._connections, self._sql = connections, sql
        self._values = Values(types)
        self.same, self.exactly = self._values.same, self._values.exactly

    async def fetch(self, asked: Sequence[Params]) -> tuple[list[Row], float]:
        values = self._values.written(asked)
        connection = await self._connections.take()
        try:
            rows = await connection.fetch(self._sql, values)
        finally:
            self._connections.give(connection)
        found = {row[0]: row[1:-1] for row in rows}
        return [found[number] for number in range(1, len(asked) + 1)], max([row[-1] for row in rows])


class Values:
    """What many bind to one statement: a list for each parameter, but one value for those that are lists themselves.

    Args:

        types: of the parameters of one, as asyncpg names them.
    """

    def __init__(self, types: Sequence[str]) -> None:
        self._arrays = tuple(position for position, name in enumerate(types) if name.endswith("[]"))
        self._written = [(position, _WRITTEN[name]) for position, name in enumerate(types) if name in _WRITTEN]

    def same(self, params: Params) -> Hashable:
        """Return what must be the same for all."""
        return tuple([_fixed(params[position]) for position in self._arrays]) if self._arrays else None

    def exactly(self, params: Params) -> Hashable:
        """Return what is the same for those alone who bind the same, to the type."""
        return tuple([(type(value), value if type(value) in _COMPARED else repr(value)) for value in params])

    def written(self, asked: Sequence[Params]) -> list[Any]:
        """Return the values of all, lists of ids and of texts as PostgreSQL writes an array.

        Raises:

            TypeError: one is neither what its place is for nor null; asyncpg, too, would refuse most of these.
        """
        values: list[Any] = [list(column) for column in zip(*asked, strict=True)]
        for position in self._arrays:
            values[position] = values[position][0]
        for position, kinds in self._written:
            column = values[position]
            if not kinds.issuperset(map(type, column)):
                column = [
                    str.__str__(value) if isinstance(value, str) else value for value in column
                ]  # members of enums
                if not kinds.issuperset(map(type, column)):
                    msg = f"Among the values of parameter {position + 1} is one that is not written."
                    raise TypeError(msg)
            values[position] = array_text(column)
        return values


def _rows(types: Sequence[str]) -> str:
    numbers = [number for number, name in enumerate(types, 1) if not name.endswith("[]")]
    # Selected, so that nobody looks into them: PostgreSQL would plan anew whenever a group is smaller than it takes one to be.
    arrays = ", ".join(f"(select {_array(number, types[number - 1])})" for number in numbers)
    names = ", ".join(f"v{number}" for number in numbers)
    return f"unnest({arrays}) with ordinality {GIVEN}({names}, n)"


def _array(number: int, name: str) -> str:
    return f"${number}::text::{name}[]" if name in _WRITTEN else f"${number}::{name}[]"


def _fixed(value: Any) -> Hashable:
    return None if value is None else tuple(value)
