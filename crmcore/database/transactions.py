"""One transaction: whose it is, who else may use it, and what a failure inside it means, alike on both databases."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from contextvars import ContextVar
from time import perf_counter
from types import TracebackType
from typing import Protocol, TypeVar

from crmcore import tracing
from crmcore.database.connection import Connection, Isolation, Params
from crmcore.database.finish import finish
from crmcore.database.lifo import Lifo
from crmcore.errors import Unavailable

__all__ = ["Begin", "Held", "Savepoint", "Transaction", "TransactionMisuse"]

T = TypeVar("T")

_CAUGHT = (
    "A statement of this transaction failed and the failure was caught; nothing of the transaction can be kept. "
    "Put what may fail into a nested `async with database.transaction()`."
)


class TransactionMisuse(RuntimeError):
    """The program uses a transaction as it must not; a bug to mend, nothing a client could."""


class Held(Protocol):
    """What a transaction has still to write."""

    async def before(self, sql: str) -> None:
        """Write what a statement might see or need."""
        ...

    def drop(self) -> None:
        """Forget all of it: what was begun last is undone."""
        ...


class Transaction:
    """An open transaction and the task that opened it.

    A task started inside (`asyncio.gather`, a task group) may run statements in it, one at a time, and must have ended
    when the block does; otherwise the transaction is rolled back and says so. After the end the task gets an error.
    """

    def __init__(self, connection: Connection) -> None:
        self.connection = connection
        self.over = self.kept = False
        self.depth = 0
        self.failure: BaseException | None = None
        self.held: Held | None = None
        self._owner = asyncio.current_task()
        self._visitors: set[asyncio.Task[object]] = set()
        self._turn = asyncio.Lock()

    async def run(self, work: Callable[[Connection], Awaitable[T]]) -> T:
        """Do one thing on the connection, alone.

        Raises:

            TransactionMisuse: the transaction is over, or an earlier failure was caught without a savepoint.
        """
        self._admit()
        async with self._turn:
            self._check()
            try:
                return await work(self.connection)
            except BaseException as error:
                self.failure = error
                self.connection.forget()
                raise

    def later(self, sql: str, params: Params) -> bool:
        """Leave a statement for the next one to take along, or for the commit; say whether the connection can.

        Raises:

            TransactionMisuse: as for `run`.
        """
        self._admit()
        return not self._turn.locked() and self.connection.later(sql, params)

    async def last(self, sql: str, params: Params) -> list[tuple[object, ...]]:
        """Run the last statement, behind which nothing but `commit` may come; where that saves a way, they go together.

        Raises:

            TransactionMisuse: as for `run`; a savepoint is open, or a task that used the transaction still runs.
        """
        if self.depth:
            msg = "The last statement of a transaction was asked for inside a savepoint; ask for it behind that."
            raise TransactionMisuse(msg)
        self.check_visitors()
        return await self.run(lambda connection: connection.fetch_last(sql, params))

    async def commit(self) -> None:
        """Commit; with `last` it may have happened already."""
        started = perf_counter()
        await self.end(commit=True)
        tracing.past("commit", started)

    async def end(self, commit: bool) -> None:
        """Commit or roll back, when nobody is at it any more."""
        async with self._turn:
            self.over = True
            if commit:
                await self.connection.commit()
                self.kept = True
            else:
                await self.connection.rollback()

    def check_owner(self) -> None:
        """Refuse a savepoint to a task that did not open the transaction: others' statements would fall into it."""
        if asyncio.current_task() is not self._owner:
            msg = "A task started inside a transaction opens another; open it in the task that has the transaction, or start the task before."
            raise TransactionMisuse(msg)

    def check_visitors(self) -> None:
        """Refuse to end while a task that used the transaction still runs."""
        running = [task.get_name() for task in self._visitors if not task.done()]
        if running:
            msg = (
                f"A transaction ends while {', '.join(running)}, started inside it, still runs and uses it; nothing was kept. "
                "Await it inside the block, or start it with context=contextvars.Context()."
            )
            raise TransactionMisuse(msg)

    def check_whole(self) -> None:
        """Refuse to go on after a failure that was caught without a savepoint.

        PostgreSQL ends such a transaction with a silent ROLLBACK, SQLite would keep half of it.
        """
        if type(self.failure) is Unavailable:
            # Nobody's mistake: the connection went, maybe while a savepoint was undone, and whoever caught that may know.
            raise self.failure
        if self.failure is not None:
            raise TransactionMisuse(_CAUGHT) from self.failure

    def _admit(self) -> None:
        task = asyncio.current_task()
        if task is not self._owner and task is not None:
            self._visitors.add(task)
        self._check()

    def _check(self) -> None:
        if self.over:
            msg = (
                "This task was started inside a transaction that has ended; its statements would have no transaction. "
                "Start it with context=contextvars.Context(), or after the block."
            )
            raise TransactionMisuse(msg)
        self.check_whole()


class Begin:
    """`async with`: the outermost transaction. It commits at the end, rolls back when the block is left otherwise.

    Args:

        writers: connections.
        current: where statements look for the open transaction.
        schema: whether the schema may be changed.
        isolation: of the transaction.
        gives_way: whether other tasks get a turn before it and behind it; where it waits for the database they have one anyway.
    """

    def __init__(
        self,
        writers: Lifo[Connection],
        current: ContextVar[Transaction | None],
        *,
        schema: bool = False,
        isolation: Isolation = "repeatable read",
        gives_way: bool = False,
    ) -> None:
        self._writers, self._current, self._schema, self._isolation = writers, current, schema, isolation
        self._gives_way = gives_way

    async def __aenter__(self) -> None:
        started = perf_counter()
        if self._gives_way:
            await asyncio.sleep(0)
        connection = await self._writers.take()
        try:
            await connection.begin(schema=self._schema, isolation=self._isolation)
        except BaseException:
            self._writers.give(connection)
            raise
        self._transaction = Transaction(connection)
        self._current.set(self._transaction)
        tracing.past("begin", started)

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        transaction = self._transaction
        # Not `reset`: a fixture may leave the block in another context than it entered it in.
        self._current.set(None)
        try:
            if transaction.over:  # by its last statement, and whatever the block did behind that
                return
            if error is not None:
                await finish(transaction.end(commit=False))
                return
            try:
                transaction.check_whole()
                transaction.check_visitors()
            except (TransactionMisuse, Unavailable):
                await finish(transaction.end(commit=False))
                raise
            await transaction.commit()
        finally:
            self._writers.give(transaction.connection)
            if self._gives_way:
                await asyncio.sleep(0)


class Savepoint:
    """`async with`: a transaction inside a transaction. Its failure undoes it alone."""

    def __init__(self, transaction: Transaction) -> None:
        self._transaction = transaction

    async def __aenter__(self) -> None:
        transaction = self._transaction
        transaction.check_owner()
        if transaction.held is not None:
            await transaction.held.before("savepoint")
        transaction.depth += 1
        self._name = f"crm_{transaction.depth}"
        try:
            await transaction.run(lambda c: c.execute(f"savepoint {self._name}", ()))
        except BaseException:
            transaction.depth -= 1
            raise

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        transaction = self._transaction
        if transaction.held is not None and error is None:
            await transaction.held.before("release savepoint")
        transaction.depth -= 1
        if error is None and transaction.failure is None:
            try:
                await transaction.run(lambda c: c.execute(f"release savepoint {self._name}", ()))
            except BaseException:  # of what was left for later
                await self._back()
                raise
            return
        failure = transaction.failure
        await self._back()
        if error is None:
            raise TransactionMisuse(_CAUGHT) from failure

    async def _back(self) -> None:
        transaction = self._transaction
        transaction.failure = None
        if transaction.held is not None:
            transaction.held.drop()
        # When even this fails (the connection is gone), `run` has noted it, so nothing more can happen in the
        # transaction; what the caller should see is the error that led here.
        with suppress(Exception):
            await finish(self._undo())

    async def _undo(self) -> None:
        await self._transaction.run(
            lambda c: c.script([f"rollback to savepoint {self._name}", f"release savepoint {self._name}"])
        )
