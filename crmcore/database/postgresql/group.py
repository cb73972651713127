"""Many transactions as one: each of their statements reads the values of all from rows; one answers, and all is committed."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from itertools import accumulate, chain, pairwise
from typing import Any

from crmcore.database.finish import finish
from crmcore.database.group_commit import Ready
from crmcore.database.lifo import Lifo
from crmcore.database.postgresql.ahead import travels
from crmcore.database.postgresql.connection import PostgresConnection
from crmcore.database.postgresql.together import Values, over_rows, together

__all__ = ["prepare_group"]


async def prepare_group(connections: Lifo[PostgresConnection], first: Ready) -> JoinedTransactions | None:
    """Return what commits transactions like this one together, None if a statement of theirs cannot do for several.

    Raises:

        Unavailable: the database cannot answer now.
    """
    if not all(travels(left.params) for left in first.left):
        return None
    statements = (*first.left, first.last)
    connection = await connections.take()
    try:
        types = [await connection.types(statement.sql) for statement in statements]
    finally:
        connections.give(connection)
    last = together(first.last.sql, types[-1])
    many = [over_rows(left.many, own) for left, own in zip(first.left, types, strict=False) if left.many is not None]
    whole = [sql for sql in many if sql is not None]
    if last is None or len(whole) != len(first.left):
        return None
    return JoinedTransactions(connections, [*whole, last], types)


class JoinedTransactions:
    """See `crmcore.database.group_commit.Joined`.

    Args:

        connections: where.
        sql: the statements for many, the last one last.
        types: of the parameters that one transaction binds to each.
    """

    def __init__(
        self, connections: Lifo[PostgresConnection], sql: Sequence[str], types: Sequence[Sequence[str]]
    ) -> None:
        self._connections, self._sql = connections, sql
        ends = list(accumulate(map(len, types), initial=0))
        self._places = [slice(*ends) for ends in pairwise(ends)]
        self._values = Values(list(chain.from_iterable(types)))

    def same(self, ready: Ready) -> Hashable:
        return self._values.same(ready.values)

    async def commit(self, group: Sequence[Ready]) -> list[list[tuple[Any, ...]]]:
        values = self._values.lists([ready.values for ready in group])
        *left, last = [values[place] for place in self._places]
        connection = await self._connections.take()
        try:
            rows = await self._done(connection, group[0], left, last)
        finally:
            self._connections.give(connection)
        found: list[list[tuple[Any, ...]]] = [[] for _ in group]
        for row in rows:
            found[row[0] - 1].append(row[1:-1])
        return found

    async def _done(
        self, connection: PostgresConnection, first: Ready, left: Sequence[list[Any]], last: list[Any]
    ) -> list[tuple[Any, ...]]:
        try:
            await connection.begin(isolation=first.isolation)
            for sql, values in zip(self._sql, left, strict=False):
                if not connection.later(sql, values):
                    await connection.execute(sql, values)
            rows = await connection.fetch_last(self._sql[-1], last)
        except BaseException:
            await finish(connection.rollback())
            raise
        await connection.commit()
        return rows
