"""Looking up who asks for many requests at once: those that come while one look-up is under way share the next."""

from __future__ import annotations

import asyncio
from contextvars import Context
from typing import Any

from crmcore.database import Database

__all__ = ["Lookups"]

Row = tuple[Any, ...]


class Lookups:
    """Finds rows by a text, each time anew.

    A round trip to PostgreSQL costs this process as much as the rest of a small query, so on a busy server a statement
    looks for everybody who waits. It begins after each of them asked: what was committed before a request came, counts.

    Args:

        sql: gives at most one row for each text; `{keys}` in it stands where `= $1` would; its last column is the text.
    """

    def __init__(self, sql: str) -> None:
        self._one = sql.format(keys="= $1")
        self._many = sql.format(keys="= any($1::text[])")
        self._waiting: list[tuple[str, asyncio.Future[Row | None]]] = []
        self._running: asyncio.Task[None] | None = None

    async def find(self, database: Database, key: str) -> Row | None:
        """Return the row of a text, None if there is none.

        Raises:

            Unavailable: the database cannot answer now.
        """
        if database.dialect == "sqlite" or database.in_transaction:
            # SQLite has no round trip, and a transaction sees what no other connection does.
            rows = await database.fetch(self._one, key)
            return rows[0] if rows else None
        loop = asyncio.get_running_loop()
        answer: asyncio.Future[Row | None] = loop.create_future()
        self._waiting.append((key, answer))
        if self._running is None:
            # A context of its own: the statement belongs to none of the requests.
            self._running = loop.create_task(self._run(database), context=Context())
        return await answer

    async def _run(self, database: Database) -> None:
        try:
            while self._waiting:
                asked, self._waiting = self._waiting, []
                await self._answer(database, asked)
        finally:
            self._running = None
            for _, answer in self._waiting:
                answer.cancel()

    async def _answer(self, database: Database, asked: list[tuple[str, asyncio.Future[Row | None]]]) -> None:
        keys = list({key for key, _ in asked})
        # For a list PostgreSQL makes a plan each time.
        sql, given = (self._one, keys[0]) if len(keys) == 1 else (self._many, keys)
        try:
            found = {row[-1]: row for row in await database.fetch(sql, given)}
        except BaseException as error:
            for _, answer in asked:
                if not answer.done():
                    answer.set_exception(error) if isinstance(error, Exception) else answer.cancel()
            if not isinstance(error, Exception):
                raise
            return
        for key, answer in asked:
            if not answer.done():  # a request that has gone waits no longer
                answer.set_result(found.get(key))
