"""One SQLite connection and its thread: what takes time goes there, and when it is cancelled nothing stays half done."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from typing import Any, TypeVar

from crmcore.database.connection import Params, Work
from crmcore.database.failures import Contention, Keys, StatementTimeout
from crmcore.database.reading import only_reads, writes_few_rows
from crmcore.database.sqlite import statements as s
from crmcore.database.sqlite.budget import Budget, Slow
from crmcore.database.sqlite.translate import translate
from crmcore.database.sqlite.worker import Worker
from crmcore.database.values import for_sqlite, unencodable

__all__ = ["SqliteConnection"]

T = TypeVar("T")


class SqliteConnection:
    """The statements of `crmcore.database.connection.Connection`; transactions are the writer's.

    Going to a thread and back costs a hundred microseconds, ten times what most statements need. So what is surely
    short runs on the event loop's own thread: reads within a budget, writes of few rows inside a transaction, and the commit
    of a few of them.

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
        # Whether a transaction is open, whether it changes the schema, and whether it left the event loop's thread.
        self._open = self._schema = self._much = False
        self.usable = True

    @property
    def unclear(self) -> bool:
        """Nothing is: what is cut off ends in its own thread."""
        return False

    async def mend(self) -> None:
        """There is nothing to."""

    async def fetch(self, sql: str, params: Params) -> list[tuple[Any, ...]]:
        rows: list[tuple[Any, ...]] = await self._read("fetch", sql, params)
        return rows

    async def fetch_dicts(self, sql: str, params: Params) -> list[dict[str, Any]]:
        rows: list[dict[str, Any]] = await self._read("fetch_dicts", sql, params)
        return rows

    async def fetch_value(self, sql: str, params: Params) -> Any:
        return await self._read("fetch_value", sql, params)

    async def fetch_last(self, sql: str, params: Params) -> list[tuple[Any, ...]]:
        return await self.fetch(sql, params)

    @property
    def limit(self) -> float:
        """Seconds that a statement may take."""
        return self._limit

    @property
    def dear(self) -> bool:
        """Whether the last read by `row_at_once` while it was `watched` would have been better done in a thread."""
        return self._budget.dear

    def watched(self) -> AbstractContextManager[None]:
        """Look more closely at how long reads take."""
        return self._budget.watched()

    @contextmanager
    def snapshot(self) -> Iterator[None]:
        """Have all reads inside see the same."""
        self._raw.execute("begin")
        try:
            yield
        finally:
            s.commit_now(self._raw)

    def row_at_once(self, sql: str, bound: dict[str, Any]) -> tuple[Any, ...] | None:
        """Return the only row of a statement that surely takes no time, without waiting; None if it fails.

        Raises:

            StatementTimeout: it does take time.
        """
        if not self._worker.idle:
            return None
        try:
            with self._budget:
                return s.fetch(self._raw, sql, bound)[0]
        except sqlite3.Error as error:
            if isinstance(failure := translate(error, self._keys), StatementTimeout):
                raise failure from error
        except UnicodeEncodeError:
            pass  # whoever asks alone is told
        return None

    def serve(self, work: Callable[[], None]) -> asyncio.Future[None]:
        """Have something done on the connection's thread that reads by `row_there` and looks after its time itself."""
        return self._worker.call(work, always=True)

    def row_there(self, sql: str, bound: dict[str, Any]) -> tuple[Any, ...]:
        """Return the only row of a statement, on the connection's thread."""
        return self._here(s.fetch, sql, bound)[0]

    def stop(self) -> None:
        """End the statement that is under way in the connection's thread."""
        self._raw.interrupt()

    def write_back_beside(self) -> asyncio.Future[None]:
        """Write the log back on the connection's thread, while others write."""
        return self._worker.call(s.write_back_beside, self._raw, always=True)

    async def execute(self, sql: str, params: Params) -> int:
        if (done := self.at_once("execute", sql, params)) is not None:
            return int(done[0])
        if only_reads(sql):
            await self._read("fetch", sql, params)
            return 0
        return await self._there(s.execute, self._raw, sql, for_sqlite(params))

    async def execute_many(self, sql: str, rows: Sequence[Params]) -> None:
        await self._there(s.execute_many, self._raw, sql, [for_sqlite(row) for row in rows])

    async def load(self, table: str, columns: Sequence[str], rows: Sequence[Params]) -> None:
        places = ", ".join(f"${n}" for n in range(1, len(columns) + 1))
        await self.execute_many(f"insert into {table} ({', '.join(columns)}) values ({places})", rows)

    async def script(self, statements: Sequence[str]) -> None:
        await self._there(s.script, self._raw, statements)

    def later(self, sql: str, params: Params) -> bool:  # noqa: ARG002 - there is no round trip to save
        return False

    @property
    def gathers(self) -> bool:
        return False

    @property
    def waiting(self) -> bool:
        return False

    def forget(self) -> None:
        pass

    def abandon(self) -> None:
        self.usable = False
        self._raw.interrupt()
        self._worker.call(self._raw.close, always=True)
        self._worker.stop()

    async def close(self) -> None:
        self.usable = False
        await self._worker.call(s.close, self._raw, self._farewell, always=True)
        self._worker.stop()

    def at_once(self, work: Work, sql: str, params: Params) -> tuple[Any] | None:
        """Return what a statement gives if it surely takes no time; None if it is to be waited for, and nothing was done."""
        if not self._worker.idle:
            return None
        if work == "execute":
            return (self._here(s.execute, sql, for_sqlite(params)),) if self._open and writes_few_rows(sql) else None
        if sql in self._slow or not only_reads(sql):
            return None
        try:
            with self._budget:
                return (self._here(getattr(s, work), sql, for_sqlite(params)),)
        except StatementTimeout:
            self._slow.add(sql)
        except Contention:
            pass  # the file is locked for a moment; the thread may wait for it
        return None

    async def _read(self, work: Work, sql: str, params: Params) -> Any:
        if (done := self.at_once(work, sql, params)) is not None:
            return done[0]
        return await self._there(s.patiently, getattr(s, work), self._raw, sql, for_sqlite(params))

    def _here(self, work: Callable[..., T], *args: Any) -> T:
        """Work on the thread that asks for it."""
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
