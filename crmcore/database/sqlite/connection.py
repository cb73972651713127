"""One SQLite connection on its own thread, where a cancelled or slow statement is interrupted and nothing stays half done."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Any, TypeVar

from crmcore.database.connection import Params
from crmcore.database.failures import Keys
from crmcore.database.sqlite.translate import translate
from crmcore.database.sqlite.worker import Worker
from crmcore.database.values import for_sqlite, unencodable

__all__ = ["SqliteConnection"]

T = TypeVar("T")


class SqliteConnection:
    """See `crmcore.database.connection.Connection`.

    Args:

        raw: the connection; only the worker's thread runs statements on it.
        worker: its thread.
        limit: seconds a statement may take.
        keys: the bound tables' unique indexes.
        farewell: statements to run before it closes; if they cannot, they are left out.
    """

    def __init__(
        self, raw: sqlite3.Connection, worker: Worker, limit: float, keys: Keys, farewell: Sequence[str] = ()
    ) -> None:
        self._raw, self._worker, self._limit, self._keys, self._farewell = raw, worker, limit, keys, farewell
        self._schema = False
        self.usable = True

    async def fetch(self, sql: str, params: Params) -> list[tuple[Any, ...]]:
        return await self._ask(self._fetch, sql, for_sqlite(params))

    async def fetch_dicts(self, sql: str, params: Params) -> list[dict[str, Any]]:
        return await self._ask(self._fetch_dicts, sql, for_sqlite(params))

    async def fetch_value(self, sql: str, params: Params) -> Any:
        return await self._ask(self._fetch_value, sql, for_sqlite(params))

    async def execute(self, sql: str, params: Params) -> int:
        return await self._ask(self._execute, sql, for_sqlite(params))

    async def execute_many(self, sql: str, rows: Sequence[Params]) -> None:
        await self._ask(self._execute_many, sql, [for_sqlite(row) for row in rows])

    async def script(self, statements: Sequence[str]) -> None:
        await self._ask(self._script, statements)

    async def begin(self, *, schema: bool = False) -> None:
        self._schema = schema
        try:
            await self._ask(self._begin)
        except BaseException:
            await self.rollback()
            raise

    async def commit(self) -> None:
        # No interruption here: once it is asked for, a commit happens or fails, whoever is cancelled meanwhile.
        try:
            await self._worker.call(self._commit, always=True)
        except sqlite3.Error as error:
            raise translate(error, self._keys) from error

    async def rollback(self) -> None:
        await self._worker.call(self._rollback, always=True)

    def abandon(self) -> None:
        self.usable = False
        self._raw.interrupt()
        self._worker.call(self._raw.close, always=True)
        self._worker.stop()

    async def close(self) -> None:
        self.usable = False
        await self._worker.call(self._close, always=True)
        self._worker.stop()

    async def _ask(self, work: Callable[..., T], *args: Any) -> T:
        timer = None if self._schema else asyncio.get_running_loop().call_later(self._limit, self._raw.interrupt)
        try:
            return await self._worker.call(work, *args)
        except asyncio.CancelledError:
            self._raw.interrupt()
            raise
        except sqlite3.Error as error:
            raise translate(error, self._keys) from error
        except UnicodeEncodeError:
            raise unencodable() from None
        finally:
            if timer is not None:
                timer.cancel()

    # From here on: in the worker's thread.

    def _fetch(self, sql: str, params: Any) -> list[tuple[Any, ...]]:
        return self._raw.execute(sql, params).fetchall()

    def _fetch_dicts(self, sql: str, params: Any) -> list[dict[str, Any]]:
        cursor = self._raw.execute(sql, params)
        names = [column[0] for column in cursor.description or ()]
        return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]

    def _fetch_value(self, sql: str, params: Any) -> Any:
        rows = self._raw.execute(sql, params).fetchall()
        return rows[0][0] if rows else None

    def _execute(self, sql: str, params: Any) -> int:
        cursor = self._raw.execute(sql, params)
        cursor.fetchall()
        return max(cursor.rowcount, 0)

    def _execute_many(self, sql: str, rows: list[dict[str, Any]]) -> None:
        alone = not self._raw.in_transaction
        if alone:
            self._raw.execute("begin immediate")
        try:
            self._raw.executemany(sql, rows)
        except BaseException:
            if alone:
                self._rollback()
            raise
        if alone:
            self._commit()

    def _script(self, statements: Sequence[str]) -> None:
        for statement in statements:
            self._raw.execute(statement).fetchall()

    def _close(self) -> None:
        with suppress(sqlite3.Error):
            self._script(self._farewell)
        self._raw.close()

    def _begin(self) -> None:
        if self._schema:
            self._raw.execute("pragma foreign_keys = off")
        self._raw.execute("begin immediate")

    def _commit(self) -> None:
        try:
            if self._schema and self._raw.execute("pragma foreign_key_check").fetchone():
                msg = "FOREIGN KEY constraint failed"
                raise sqlite3.IntegrityError(msg)
            self._raw.execute("commit")
        finally:
            self._rollback()

    def _rollback(self) -> None:
        try:
            if self._raw.in_transaction:
                self._raw.execute("rollback")
            if self._schema:
                self._raw.execute("pragma foreign_keys = on")
        except sqlite3.Error:
            self.usable = False
        self._schema = False
