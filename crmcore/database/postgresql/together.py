"""One statement for the values of many: PostgreSQL unnests an array for each parameter and reads once for each row of them."""

from __future__ import annotations

import re
from collections.abc import Hashable, Sequence
from typing import Any

from crmcore.database.connection import Params
from crmcore.database.gathering import Row
from crmcore.database.lifo import Lifo
from crmcore.database.postgresql.connection import PostgresConnection

__all__ = ["TogetherStatement", "prepare", "together"]

#: A placeholder, or a text or name in quotes, in which none is one.
_PLACEHOLDER = re.compile(r"\$(\d+)|'[^']*'|\"[^\"]*\"")
#: Types that an array holds as they are. Of JSON, a list could not be told from a list of values.
_PLAIN = frozenset("uuid text varchar int2 int4 int8 float8 numeric bool date timestamptz".split())
#: A name that no statement gives to anything else.
_GIVEN = "crm_given"
#: How long it took up to each row; of the last one that is the whole.
_TOOK = "(extract(epoch from clock_timestamp() - statement_timestamp()) * 1000000)::float8"


def together(sql: str, types: Sequence[str]) -> str | None:
    """Return the statement that reads what `sql` reads for each of many values of its parameters; None if none can.

    Each row begins with its number, from 1, and ends with the microseconds that it took up to there. A parameter that is
    an array itself stays one parameter, the same for all.

    Args:

        sql: begins with `select`, and gives one row whatever its parameters are.
        types: of its parameters, as asyncpg names them.
    """
    columns = [number for number, name in enumerate(types, 1) if name in _PLAIN]
    if not columns or not all(name in _PLAIN or name.removesuffix("[]") in _PLAIN for name in types):
        return None
    one = _PLACEHOLDER.sub(lambda found: _column(found, columns), sql)
    # Selected, so that nobody looks into them: PostgreSQL would plan anew whenever a group is smaller than it takes one to be.
    arrays = ", ".join(f"(select ${number}::{types[number - 1]}[])" for number in columns)
    names = ", ".join(f"v{number}" for number in columns)
    rows = f"unnest({arrays}) with ordinality {_GIVEN}({names}, n)"
    return f"select {_GIVEN}.n, crm_read.*, {_TOOK} from {rows}, lateral ({one}) crm_read"


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
        self._arrays = tuple(position for position, name in enumerate(types) if name not in _PLAIN)

    def same(self, params: Params) -> Hashable:
        return tuple([_fixed(params[position]) for position in self._arrays]) if self._arrays else None

    async def fetch(self, asked: Sequence[Params]) -> tuple[list[Row], float]:
        values: list[Any] = [list(column) for column in zip(*asked, strict=True)]
        for position in self._arrays:
            values[position] = values[position][0]
        connection = await self._connections.take()
        try:
            rows = await connection.fetch(self._sql, values)
        finally:
            self._connections.give(connection)
        found = {row[0]: row[1:-1] for row in rows}
        return [found[number] for number in range(1, len(asked) + 1)], max(row[-1] for row in rows)


def _column(found: re.Match[str], columns: Sequence[int]) -> str:
    return f"{_GIVEN}.v{found[1]}" if found[1] and int(found[1]) in columns else found[0]


def _fixed(value: Any) -> Hashable:
    return None if value is None else tuple(value)
