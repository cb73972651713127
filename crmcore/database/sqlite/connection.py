"""One SQLite connection and its thread: what takes time goes there, and when it is cancelled nothing stays half done."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, TypeVar

from crmcore.database.connection import Isolation, Params
from crmcore.database.failures import Contention, Keys, StatementTimeout
from crmcore.database.reading import only_reads, writes_one_row
from crmcore.database.sqlite import statements as s
from crmcore.database.sqlite.budget import Budget, Slow
from crmcore.database.sqlite.translate import translate
from crmcore.database.sqlite.worker import Worker
from crmcore.database.values import for_sqlite, unencodable

__all__ = ["SqliteConnection"]

T = TypeVar("T")

#: So many rows are committed on the event loop's thread; triggers' rows and the index of search's count.
_FEW = 200
#: After so many rows the log is written back: it has some 15 MB then, and writing it back costs little beside them.
_LOG = 1600


class SqliteConnection:
    """See `crmcore.database.connection.Connection`.

    Going to a thread and back costs a hundred microseconds, ten times what most statements need. So what is surely
    short runs on the event loop's own thread: reads within a budget, one-row writes inside a transaction, and the commit
    of a few of them. SQLite would write its log back into the file within some of those commits; here that is done in
    the connection's thread, between two that use it.

    Args:

        raw: the connection.
        worker: the thread for what may take time.
        limit: seconds a statement may take.
        keys: the bound tables' unique indexes.
        slow: statements that are known to take time.
        farewell: statements to run before it closes; if they cannot, they are left out.
    """

    def __init__(
        self,
        raw: sqlite3.Connection,
        worker: Worker,
        limit: float,
        keys: Keys,
        slow: Slow,
        farewell: Sequence[str] = (),
    ) -> None:
        self._raw, self._worker, self._limit, self._farewell = raw, worker, limit, farewell
        self._keys, self._slow, self._budget = keys, slow, Budget(raw)
        self._schema = self._much = False
        # Rows written when the transaction began, and when the log was last written back.
        self._begun = self._kept = raw.total_changes
        self.usable = True

    @property
    def unclear(self) -> bool:
        """Whether the log is to be written back; what is cut off ends in its own thread, and leaves nothing to mend."""
        return self.usable and not 0 <= self._raw.total_changes - self._kept < _LOG

    async def mend(self) -> None:
        self._kept = self._raw.total_changes
        await self._worker.call(s.write_back, self._raw, always=True)

    async def fetch(self, sql: str, params: Params) -> list[tuple[Any, ...]]:
        return await self._read(s.fetch, sql, for_sqlite(params))

    async def fetch_dicts(self, sql: str, params: Params) -> list[dict[str, Any]]:
        return await self._read(s.fetch_dicts, sql, for_sqlite(params))

    async def fetch_value(self, sql: str, params: Params) -> Any:
        return await self._read(s.fetch_value, sql, for_sqlite(params))

    async def fetch_last(self, sql: str, params: Params) -> list[tuple[Any, ...]]:
        return await self.fetch(sql, params)

    @contextmanager
    def snapshot(self, *, several: bool) -> Iterator[None]:
        """Have all reads inside see the same; for one, which does anyway, nothing is done."""
        if not several:
            yield
            return
        self._raw.execute("begin")
        try:
            yield
        finally:
            s.commit_now(self._raw)

    def row_at_once(self, sql: str, bound: dict[str, Any]) -> tuple[Any, ...] | None:
        """Return the only row of a statement that surely takes no time, without waiting; None if it fails, or does take time."""
        if not self._worker.idle:
            return None
        try:
            with self._budget:
                return s.fetch(self._raw, sql, bound)[0]
        except sqlite3.Error as error:
            if isinstance(translate(error, self._keys), StatementTimeout):
                self._slow.add(sql)
        except UnicodeEncodeError:
            pass  # whoever asks alone is told
        return None

    async def execute(self, sql: str, params: Params) -> int:
        bound = for_sqlite(params)
        if self._raw.in_transaction and writes_one_row(sql):
            return self._here(s.execute, sql, bound)
        return await self._there(s.execute, self._raw, sql, bound)

    async def execute_many(self, sql: str, rows: Sequence[Params]) -> None:
        await self._there(s.execute_many, self._raw, sql, [for_sqlite(row) for row in rows])

    async def load(self, table: str, columns: Sequence[str], rows: Sequence[Params]) -> None:
        places = ", ".join(f"${n}" for n in range(1, len(columns) + 1))
        await self.execute_many(f"insert into {table} ({', '.join(columns)}) values ({places})", rows)

    async def script(self, statements: Sequence[str]) -> None:
        await self._there(s.script, self._raw, statements)

    async def begin(self, *, schema: bool = False, isolation: Isolation = "repeatable read") -> None:  # noqa: ARG002
        self._schema, self._much, self._begun = schema, schema, self._raw.total_changes
        if schema:
            self._kept -= _LOG  # a change of the schema counts no rows
        if not schema and self._worker.idle and self._here(s.begin_now):
            return
        try:
            await self._there(s.begin_schema if schema else s.begin, self._raw)
        except BaseException:
            await self.rollback()
            raise

    def later(self, sql: str, params: Params) -> bool:  # noqa: ARG002 - there is no round trip to save
        return False

    @property
    def gathers(self) -> bool:
        return False

    def forget(self) -> None:
        pass

    async def commit(self) -> None:
        if not self._much and self._worker.idle and 0 <= self._raw.total_changes - self._begun <= _FEW:
            self._here(s.commit_now)
            return
        # No interruption here: once it is asked for, a commit happens or fails, whoever is cancelled meanwhile.
        try:
            await self._worker.call(s.commit, self._raw, always=True)
        except sqlite3.Error as error:
            raise translate(error, self._keys) from error

    async def rollback(self) -> None:
        try:
            await self._worker.call(s.rollback, self._raw, always=True)
        except sqlite3.Error:
            self.usable = False

    def abandon(self) -> None:
        self.usable = False
        self._raw.interrupt()
        self._worker.call(self._raw.close, always=True)
        self._worker.stop()

    async def close(self) -> None:
        self.usable = False
        await self._worker.call(s.close, self._raw, self._farewell, always=True)
        self._worker.stop()

    async def _read(self, work: Callable[..., T], sql: str, params: dict[str, Any]) -> T:
        if self._worker.idle and sql not in self._slow and only_reads(sql):
            try:
                with self._budget:
                    return self._here(work, sql, params)
            except StatementTimeout:
                self._slow.add(sql)
            except Contention:
                pass  # the file is locked for a moment; the thread may wait for it
        return await self._there(s.patiently, work, self._raw, sql, params)

    def _here(self, work: Callable[..., T], *args: Any) -> T:
        """Work on the event loop's thread."""
        try:
            return work(self._raw, *args)
        except sqlite3.Error as error:
            raise translate(error, self._keys) from error
        except UnicodeEncodeError:
            raise unencodable() from None

    async def _there(self, work: Callable[..., T], *args: Any) -> T:
        """Work on the connection's thread."""
        self._much = True
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
