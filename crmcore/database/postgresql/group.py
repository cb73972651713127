"""Many transactions as one: each of their statements reads the values of all from rows; one answers, and all is committed."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from typing import Any

from crmcore.database.finish import finish
from crmcore.database.group_commit import Ready, bound
from crmcore.database.lifo import Lifo
from crmcore.database.postgresql.ahead import travels
from crmcore.database.postgresql.connection import PostgresConnection
from crmcore.database.postgresql.documents import Documents
from crmcore.database.postgresql.together import together

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
    documents = [Documents(own) for own in types]
    if not all(each.possible for each in documents):
        return None
    last = together(documents[-1].over(first.last.sql), types[-1], documents[-1].rows)
    left = [_over(own, left.many) for left, own in zip(first.left, documents, strict=False) if left.many is not None]
    if last is None or len(left) != len(first.left):
        return None
    return JoinedTransactions(connections, [*left, last], documents)


def _over(documents: Documents, many: str) -> str:
    body = documents.over(many)
    more = f", {body.removeprefix('with ')}" if body.startswith("with ") else f" {body}"
    return f"with crm_given as (select * from {documents.rows}){more}"


class JoinedTransactions:
    """See `crmcore.database.group_commit.Joined`.

    Args:

        connections: where.
        sql: the statements for many, the last one last.
        documents: the values of each statement.
    """

    def __init__(
        self, connections: Lifo[PostgresConnection], sql: Sequence[str], documents: Sequence[Documents]
    ) -> None:
        self._connections, self._sql, self._documents = connections, sql, documents
        self._shared = [place for place, own in enumerate(documents) if own.shares]

    def same(self, ready: Ready) -> Hashable:
        if not self._shared:
            return ()
        statements = [*ready.left, ready.last]
        return tuple([self._documents[place].same(statements[place].params) for place in self._shared])

    async def commit(self, group: Sequence[Ready]) -> list[list[tuple[Any, ...]]]:
        values = [own.written(params) for own, params in zip(self._documents, bound(group), strict=True)]
        connection = await self._connections.take()
        try:
            rows = await self._done(connection, group[0], values)
        finally:
            self._connections.give(connection)
        found: list[list[tuple[Any, ...]]] = [[] for _ in group]
        for row in rows:
            found[row[0] - 1].append(row[1:-1])
        return found

    async def _done(
        self, connection: PostgresConnection, first: Ready, values: Sequence[list[Any]]
    ) -> list[tuple[Any, ...]]:
        try:
            await connection.begin(isolation=first.isolation)
            for sql, own in zip(self._sql[:-1], values, strict=False):
                if not connection.later(sql, own):
                    await connection.execute(sql, own)
            rows = await connection.fetch_last(self._sql[-1], values[-1])
        except BaseException:
            await finish(connection.rollback())
            raise
        await connection.commit()
        return rows
