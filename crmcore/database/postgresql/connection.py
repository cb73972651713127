"""One PostgreSQL connection, ended rather than used again when nobody knows what state it is in."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Sequence
from typing import Any, TypeVar

import asyncpg

from crmcore.database.connection import Isolation, Params, Work
from crmcore.database.failures import Keys
from crmcore.database.postgresql.ahead import Ahead
from crmcore.database.postgresql.copying import lines
from crmcore.database.postgresql.translate import ERRORS, translate
from crmcore.database.values import for_postgresql

__all__ = ["PostgresConnection"]

T = TypeVar("T")

#: The advisory lock that makes migrations of several processes wait for each other ("crmcore" as a number).
_SCHEMA_LOCK = 0x63726D636F7265
_BEGIN_SCHEMA = (
    "begin isolation level read committed; set local statement_timeout = 0; "
    f"select pg_advisory_xact_lock({_SCHEMA_LOCK})"
)
#: Seconds that a rollback may take before the connection is ended instead.
_PATIENCE = 10.0
#: How many last statements of transactions are known to be prepared.
_MOST_LAST = 1024


class PostgresConnection:
    """See `crmcore.database.connection.Connection`.

    Args:

        raw: the connection.
        keys: the bound tables' unique indexes.
        limit: seconds that a statement may take, where the session cannot hold that limit: behind PgBouncer, each
            transaction may be another server's.
        ahead: what waits for the next statement, None where each goes by itself: behind PgBouncer, which must see where
            a transaction begins.
    """

    def __init__(
        self, raw: asyncpg.Connection, keys: Keys, limit: float | None = None, ahead: Ahead | None = None
    ) -> None:
        self._raw, self._keys, self._limit, self._ahead = raw, keys, limit, ahead
        self._cut_off = self._committed = False
        self._limits = ""
        self._last: set[str] = set()
        if limit is not None:
            self._limits = f"; set local statement_timeout = {max(1, int(limit * 1000))}; set local jit = off"

    @property
    def usable(self) -> bool:
        # In a transaction it is after a commit or rollback that was cancelled: nobody knows how that ended.
        return not self._raw.is_closed() and not self._raw.is_in_transaction() and not self._cut_off

    @property
    def unclear(self) -> bool:
        return self._cut_off and not self._raw.is_closed()

    def at_once(self, work: Work, sql: str, params: Params) -> None:
        """Whatever is asked takes the way there and back."""

    async def fetch(self, sql: str, params: Params) -> list[tuple[Any, ...]]:
        return [
            tuple(row) for row in await self._ask(self._raw.fetch(sql, *for_postgresql(params), timeout=self._timeout))
        ]

    async def fetch_dicts(self, sql: str, params: Params) -> list[dict[str, Any]]:
        return [
            dict(row) for row in await self._ask(self._raw.fetch(sql, *for_postgresql(params), timeout=self._timeout))
        ]

    async def fetch_value(self, sql: str, params: Params) -> Any:
        return await self._ask(self._raw.fetchval(sql, *for_postgresql(params), timeout=self._timeout))

    async def fetch_last(self, sql: str, params: Params) -> list[tuple[Any, ...]]:
        # Where a statement is new, asyncpg may have to ask for types first, and nothing may follow those questions.
        if self._ahead is None or sql not in self._last:
            rows = await self.fetch(sql, params)
            self._last.add(sql) if len(self._last) < _MOST_LAST else self._last.clear()
            return rows
        self._ahead.follow("commit")
        rows = await self.fetch(sql, params)
        self._committed = not self._ahead.behind
        return rows

    async def types(self, sql: str) -> list[str]:
        """Return the types of a statement's parameters, as asyncpg names them."""
        prepared = await self._ask(self._raw.prepare(sql, timeout=self._timeout))
        return [parameter.name for parameter in prepared.get_parameters()]

    async def execute(self, sql: str, params: Params) -> int:
        if not params:
            await self._settle()
        status: str = await self._ask(self._raw.execute(sql, *for_postgresql(params), timeout=self._timeout))
        count = status.rpartition(" ")[2]
        return int(count) if count.isdigit() else 0

    async def execute_many(self, sql: str, rows: Sequence[Params]) -> None:
        await self._settle()
        await self._ask(self._raw.executemany(sql, [for_postgresql(row) for row in rows], timeout=self._timeout))

    async def load(self, table: str, columns: Sequence[str], rows: Sequence[Params]) -> None:
        await self._settle()
        source = memoryview(lines(rows))  # asyncpg takes bytes for the name of a file
        await self._ask(self._raw.copy_to_table(table, source=source, columns=columns, timeout=self._timeout))

    async def script(self, statements: Sequence[str]) -> None:
        if statements:
            await self._settle()
            await self._ask(self._raw.execute(";\n".join(statements), timeout=self._timeout))

    async def begin(self, *, schema: bool = False, isolation: Isolation = "repeatable read") -> None:
        # Repeatable read makes a lost update an error that `retrying` mends; read committed loses it in silence.
        # A migration must see what the one before it committed while it waited for the lock, which read committed does.
        if self._ahead is not None and not schema:
            self._ahead.begin(f"begin isolation level {isolation}")
            return
        try:
            await self._ask(
                self._raw.execute(_BEGIN_SCHEMA if schema else f"begin isolation level {isolation}{self._limits}")
            )
        except BaseException:
            self._raw.terminate()
            raise

    def later(self, sql: str, params: Params) -> bool:
        return self._ahead is not None and self._ahead.add(sql, params)

    def forget(self) -> None:
        if self._ahead is not None and not self._ahead.begun:
            self._ahead.drop()

    @property
    def gathers(self) -> bool:
        return self._ahead is not None and self._ahead.room

    @property
    def waiting(self) -> bool:
        return self._ahead is not None and self._ahead.waiting

    def join(self) -> None:
        """Transactions are committed together before they begin, or alone (`group_commit`)."""

    async def commit(self) -> None:
        if self._committed:
            self._committed = False
        elif self._ahead is None or not self._ahead.waiting:
            await self._ask(self._raw.execute("commit"))
        elif self._ahead.empty:
            self._ahead.drop()
        else:
            try:
                # Prepared, since after a failure of what goes ahead the server would pass over a simple query for ever.
                await self._ask(self._raw.fetch("commit"))
            except Exception:
                await self.rollback()
                raise

    async def rollback(self) -> None:
        if self._ahead is not None:
            begun, self._committed = self._ahead.begun, False
            self._ahead.drop()
            if begun:
                return
        try:
            await self._raw.execute("rollback", timeout=_PATIENCE)
        except ERRORS:
            self._raw.terminate()
        else:
            self._cut_off = False

    async def mend(self) -> None:
        # asyncpg sends nothing before the server has answered the cancellation: what was cut off runs no more then.
        await self.rollback()

    def abandon(self) -> None:
        self._raw.terminate()

    async def close(self) -> None:
        try:
            await self._raw.close(timeout=_PATIENCE)
        except ERRORS:
            self._raw.terminate()

    @property
    def _timeout(self) -> float | None:
        """How long a statement that stands alone may take; a transaction has told the server at its begin."""
        return None if self._limit is None or self._raw.is_in_transaction() else self._limit

    async def _settle(self) -> None:
        """Send what waits before a message that nothing can go ahead of."""
        if self._ahead is not None and self._ahead.waiting:
            # Takes no snapshot: of a transaction that locks a table first, what it reads must be newer than its lock.
            await self._ask(self._raw.fetch("show transaction_isolation"))

    async def _ask(self, answer: Awaitable[T]) -> T:
        try:
            result = await answer
        except asyncio.CancelledError:
            # Between preparing and executing the server is in a transaction of which asyncpg does not know: the next
            # `begin` would fail, and the locks of what was prepared stay (asyncpg prepares without a Sync).
            self._cut_off = True
            raise
        except asyncpg.InternalClientError as error:
            self._raw.terminate()
            raise translate(error, self._keys) from error
        except ERRORS as error:
            raise translate(error, self._keys) from error
        if self._ahead is not None and self._ahead.fresh:
            self._ahead.arrived()
        return result
