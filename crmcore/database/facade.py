"""The database as everything else sees it: statements, transactions, and nothing of the driver."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Sequence
from contextlib import AbstractAsyncContextManager
from contextvars import ContextVar
from functools import cached_property
from time import perf_counter
from typing import TYPE_CHECKING, Any, TypeVar

from crmcore.database.address import Address
from crmcore.database.connection import Connection, Driver, Fetching, Isolation, Params, Work
from crmcore.database.drivers import driver_of, gathering_of, group_of
from crmcore.database.failures import Keys, StatementTimeout
from crmcore.database.gathering import Asked
from crmcore.database.group_commit import Left
from crmcore.database.lifo import Lifo
from crmcore.database.reading import only_reads
from crmcore.database.replica import Replica
from crmcore.database.retrying import retrying
from crmcore.database.schema import declared_indexes
from crmcore.database.slow import SlowLog
from crmcore.database.tally import TALLY
from crmcore.database.tasks import DONE
from crmcore.database.transactions import Begin, Held, Savepoint, Transaction
from crmcore.database.watch import Watch

if TYPE_CHECKING:
    from piccolo.table import Table

    from crmcore.database.piccolo_engine import CrmEngine

__all__ = ["Database"]

T = TypeVar("T")


class Database:
    """One database, SQLite or PostgreSQL. Make it with `from_url`, then `open` it.

    Placeholders are `$1` to `$n` on both. Instants go in and come out aware UTC, ids as UUID, JSON goes in as a Python
    value (or a text that is JSON already) and comes out as text. A statement outside a transaction stands alone; inside
    one it belongs to it.

    Attributes:

        url: where it is, password included; `shown` is what messages may say.
        dialect: `"sqlite"` or `"postgresql"`.
        watch: counts the statements that ran here.
        replica: reads that may be a moment old, None where everything is read here.
    """

    def __init__(self, address: Address, driver: Driver, keys: Keys, copy: Database | None = None) -> None:
        self.url, self.shown, self.dialect = address.url, address.shown, address.dialect
        self._driver, self._keys = driver, keys
        self.watch = Watch(self.dialect)
        self.replica = None if copy is None else Replica(self, copy)
        self._gathering = gathering_of(address, driver, self._went)
        self._group = group_of(address, driver, self.watch.shared)
        # Whether a statement may be done where it is asked for, with nobody to wait for.
        self._near = self.dialect == "sqlite"
        self._slow: SlowLog | None = None
        self._current: ContextVar[Transaction | None] = ContextVar("crm_transaction", default=None)

    @classmethod
    def from_url(
        cls, url: str, *, pool_size: int = 8, statement_timeout: float = 30.0, replica: str | None = None
    ) -> Database:
        """Make a database from its URL; nothing is touched yet.

        Args:

            url: `sqlite:///crm.db`, `sqlite:////abs/crm.db` or `postgresql://user:password@host/name`.
            pool_size: how many connections there may be (SQLite: readers; there is always one writer).
            statement_timeout: seconds that a statement may take, and that a statement waits for a connection.
            replica: URL of a copy for reads that may be a moment old.

        Raises:

            SetupError: a URL is none.
        """
        address, keys = Address.parse(url), Keys()
        copy = cls.from_url(replica, pool_size=pool_size, statement_timeout=statement_timeout) if replica else None
        return cls(address, driver_of(address, pool_size, statement_timeout, keys), keys, copy)

    async def open(self) -> None:
        """Try the address; a SQLite file is made when there is none.

        Raises:

            SetupError: the database cannot be used, with the reason and the way out.
        """
        await self._driver.open()
        if self.replica is not None:
            await self.replica.open()

    async def close(self) -> None:
        """End all connections; those in use get a few seconds to come back."""
        if self._slow is not None:
            await self._slow.settle()
        if self.replica is not None:
            await self.replica.close()
        await self._driver.close()

    def log_slow(self, seconds: float, *, values: bool = False) -> None:
        """Have statements that take `seconds` or longer told of in the log; with their values only if `values`."""
        self._slow = SlowLog(self, seconds, values=values)
        self.watch.limit, self.watch.tell = seconds, self._slow.tell

    @property
    def stacks(self) -> Sequence[Lifo[Any]]:
        """The stacks of connections, for metrics."""
        return tuple(dict.fromkeys((self._driver.readers, self._driver.writers)))

    def transaction(
        self, isolation: Isolation | None = None, *, hopeful: bool = False
    ) -> AbstractAsyncContextManager[None]:
        """Open a transaction for the block, or a savepoint when there is one already.

        SQLite: IMMEDIATE on the one writer. PostgreSQL: repeatable read, so wrap units that read and then write in
        `retrying`. The block commits at its end; left by an exception or a cancellation it is rolled back.

        Args:

            isolation: "read committed" is for those who lock a row first and read what depends on it afterwards, so that
                they wait for each other instead of failing; a savepoint has that of its transaction.
            hopeful: whether it may come to its end without having waited for a statement. SQLite then begins with the first that
                is waited for, and until then others write; PostgreSQL always does.

        Raises:

            TransactionMisuse: a statement failed and was caught without a savepoint; a task started inside still runs.
            Contention: another transaction got in the way.
        """
        if (transaction := self._current.get()) is not None:
            return Savepoint(transaction)
        self._writes()
        # SQLite's may be over without having waited for anything: others shall have their turn between two of them.
        return Begin(
            self._driver.writers,
            self._current,
            self.watch.went_along,
            self._group if hopeful or self.dialect == "postgresql" else None,
            isolation=isolation or "repeatable read",
            gives_way=self.dialect == "sqlite",
        )

    def hold(self, held: Held | None) -> None:
        """Have the open transaction ask `held` before every statement; None ends that.

        Raises:

            LookupError: no transaction is open.
        """
        if (transaction := self._current.get()) is None:
            msg = "Database.hold was called outside a transaction; open one around it."
            raise LookupError(msg)
        transaction.held = held

    def schema_transaction(self) -> AbstractAsyncContextManager[None]:
        """Open a transaction that may change the schema, for migrations: alone among all processes, without time limit."""
        return Begin(self._driver.writers, self._current, self.watch.went_along, schema=True)

    @property
    def reads(self) -> Fetching:
        """Where a read may go that need not see what was written a moment ago: the replica, if there is one."""
        return self.replica or self

    @property
    def in_transaction(self) -> bool:
        """Whether statements of this task belong to a transaction."""
        return (transaction := self._current.get()) is not None and not transaction.over

    async def fetch(self, sql: str, *params: Any) -> list[tuple[Any, ...]]:
        """Return all rows."""
        if self._near and (done := self._at_once("fetch", sql, params)) is not None:
            rows: list[tuple[Any, ...]] = done[0]
            return rows
        return await self._run(sql, params, lambda connection: connection.fetch(sql, params))

    async def row(self, sql: str, *params: Any) -> tuple[Any, ...]:
        """Return the only row of a statement that reads, begins with `select` and has one row whatever is bound to it.

        Outside of transactions, reads that are asked for at once go together: on PostgreSQL those of the same statement as one,
        on SQLite all of them one after the other, those that take a while in a thread. Each counts as a statement of its own;
        one that goes out for many takes as long for each of them.
        """
        asked = self._asked(sql, params)
        if asked is not None:
            started = perf_counter()
            try:
                together = await asked.answer
            except asyncio.CancelledError:
                asked.leave()
                raise
            except StatementTimeout as failure:
                self.watch.ran(sql, params, perf_counter() - started, failure)
                raise
            if together is not None:
                self.watch.ran(sql, params, together.seconds)
                return together.row
        rows = await self._run(sql, params, lambda connection: connection.fetch(sql, params))
        return rows[0]

    async def fetch_dicts(self, sql: str, *params: Any) -> list[dict[str, Any]]:
        """Return all rows by column name."""
        if self._near and (done := self._at_once("fetch_dicts", sql, params)) is not None:
            rows: list[dict[str, Any]] = done[0]
            return rows
        return await self._run(sql, params, lambda connection: connection.fetch_dicts(sql, params))

    async def fetch_value(self, sql: str, *params: Any) -> Any:
        """Return the first column of the first row, None without rows."""
        if self._near and (done := self._at_once("fetch_value", sql, params)) is not None:
            return done[0]
        return await self._run(sql, params, lambda connection: connection.fetch_value(sql, params))

    async def execute(self, sql: str, *params: Any) -> int:
        """Return how many rows were written."""
        if self._near and (done := self._at_once("execute", sql, params)) is not None:
            return int(done[0])
        return await self._run(sql, params, lambda connection: connection.execute(sql, params))

    @property
    def gathers(self) -> bool:
        """Whether a transaction is open in which what is left for `later` saves a round trip; not so inside a savepoint."""
        transaction = self._current.get()
        return transaction is not None and transaction.gathers

    @property
    def unheard(self) -> bool:
        """Whether a statement of the open transaction failed, or one that was left for `later` has not been run yet."""
        transaction = self._current.get()
        return transaction is not None and transaction.unheard

    async def fetch_last(self, sql: str, *params: Any) -> list[tuple[Any, ...]]:
        """Return all rows of the open transaction's last statement, and commit; PostgreSQL takes both at once.

        What the block does afterwards undoes nothing. Where nothing was waited for before, and others do the same at the same
        moment, one transaction does for all of them; the statement then sees what the others wrote besides. On SQLite its ids
        and instants may come as text then.

        Raises:

            LookupError: no transaction is open.
        """
        if (transaction := self._current.get()) is None:
            msg = "Database.fetch_last was called outside a transaction; open one around it."
            raise LookupError(msg)
        if transaction.held is not None:
            await transaction.held.before(sql)
        started, failure = perf_counter(), None
        try:
            rows = await transaction.last(sql, params)
            if not transaction.over:
                await transaction.commit()
        except BaseException as error:
            failure = error
            raise
        finally:
            self.watch.ran(sql, params, perf_counter() - started, failure)
        return rows

    @property
    def kept(self) -> bool:
        """Whether the transaction of the block around is committed already, by `fetch_last`."""
        transaction = self._current.get()
        return transaction is not None and transaction.kept

    def later(self, sql: str, *params: Any, many: str | None = None) -> Awaitable[None]:
        """Run a statement with the next one of the transaction, or its commit, which fails if it does: no round trip.

        Args:

            sql: the statement; its rows, if it has any, are lost.
            params: what is bound.
            many: what does the same for several transactions that are committed together, if there is a quicker way than one after
                the other: reads their values from rows of `crm_given`, which are numbered by `n`, where a placeholder stands for
                one's own.
        """
        return self.leave(Left(sql, params, many))

    def leave(self, left: Left) -> Awaitable[None]:
        """Leave a statement as `later` does; what is bound may be made when it is sent."""
        transaction = self._current.get()
        if transaction is not None and transaction.held is None and transaction.later(left):
            return DONE
        return self._leave(transaction, left)

    async def _leave(self, transaction: Transaction | None, left: Left) -> None:
        if transaction is not None and transaction.held is not None:
            await transaction.held.before(left.sql)
            if transaction.later(left):
                return
        await self.execute(left.sql, *left.params)

    async def execute_many(self, sql: str, rows: Sequence[Sequence[Any]]) -> None:
        """Write many rows, all or none."""
        await self._run(sql, (), lambda connection: connection.execute_many(sql, rows))

    async def load(self, table: str, columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
        """Write many new rows by the database's own bulk load, all or none; columns left out take their defaults.

        Args:

            table: its name.
            columns: their names.
            rows: the values of each row, in the order of the columns.
        """
        if rows:
            await self._run(f"insert into {table}", (), lambda connection: connection.load(table, columns, rows))

    async def script(self, statements: Sequence[str]) -> None:
        """Run statements without parameters in one round trip; all or none only inside a transaction."""
        await self._run("script", (), lambda connection: connection.script(statements))

    def retrying(self, unit: Callable[[], Awaitable[T]]) -> Awaitable[T]:
        """Run `unit`, which opens its own transaction, again when somebody else was at the same rows.

        Inside a transaction it is called once: only the outermost unit can be repeated.

        Raises:

            Unavailable: it did not work for many attempts.
        """
        return unit() if self.in_transaction else retrying(unit)

    @cached_property
    def engine(self) -> CrmEngine:
        """The Piccolo engine: its queries use these connections and belong to the same transactions."""
        # Piccolo is slow to import, and a process that only counts on statements need not wait for it.
        from crmcore.database.piccolo_engine import CrmEngine

        return CrmEngine(self)

    def bind(self, tables: Iterable[type[Table]]) -> None:
        """Let Piccolo's queries on these tables run here, and failures name their unique indexes.

        A Piccolo table knows one database a process: the one it was bound to last.
        """
        for table in tables:
            table._meta.db = self.engine
            name = str(table._meta.tablename)
            for index in declared_indexes(table):
                if index.unique:
                    self._keys.add(index.named(name), name, index.columns)

    async def _run(self, sql: str, params: Params, work: Callable[[Connection], Awaitable[T]]) -> T:
        if (transaction := self._current.get()) is not None:
            if transaction.held is not None:
                await transaction.held.before(sql)
            return await self._watched(sql, params, transaction.run(work))
        if only_reads(sql):
            stack = self._driver.readers
        else:
            stack = self._driver.writers
            self._writes()
        connection = await stack.take()
        started = perf_counter()
        try:  # as `_watched`, without a coroutine of its own that each read would be awaited through
            result = await work(connection)
        except BaseException as failure:
            self.watch.ran(sql, params, perf_counter() - started, failure)
            raise
        else:
            self.watch.ran(sql, params, perf_counter() - started)
            return result
        finally:
            stack.give(connection)

    def _at_once(self, work: Work, sql: str, params: Params) -> tuple[Any] | None:
        """Run a statement of the open transaction that takes no time; None if it is to be waited for."""
        if (transaction := self._current.get()) is None or transaction.held is not None:
            return None
        started = perf_counter()
        try:
            done = transaction.at_once(work, sql, params)
        except BaseException as failure:
            self.watch.ran(sql, params, perf_counter() - started, failure)
            raise
        if done is not None:
            self.watch.ran(sql, params, perf_counter() - started)
        return done

    def _asked(self, sql: str, params: Params) -> Asked | None:
        """Have a read go with others; None if it goes alone."""
        if self._gathering is None or self._current.get() is not None:
            return None
        if (tally := TALLY.get()) is not None and tally.tape is not None:  # somebody wants to see the statement itself
            return None
        return self._gathering.ask(sql, params)

    async def _watched(self, sql: str, params: Params, running: Awaitable[T]) -> T:
        started = perf_counter()
        try:
            result = await running
        except BaseException as failure:
            self.watch.ran(sql, params, perf_counter() - started, failure)
            raise
        self.watch.ran(sql, params, perf_counter() - started)
        return result

    def _went(self, reads: int) -> None:
        self.watch.went(reads)

    def _writes(self) -> None:
        if (tally := TALLY.get()) is not None:
            tally.wrote = True
