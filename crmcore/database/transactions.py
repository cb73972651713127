"""One transaction: whose it is, who else may use it, and what a failure inside it means, alike on both databases."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from contextvars import ContextVar
from functools import cached_property
from time import perf_counter
from types import TracebackType
from typing import Any, Protocol, TypeVar

from crmcore import tracing
from crmcore.database.connection import Connection, Isolation, Params, Work
from crmcore.database.finish import finish
from crmcore.database.group_commit import GroupCommit, Left, Ready, Unread
from crmcore.database.lifo import Lifo
from crmcore.database.tally import TALLY
from crmcore.database.tasks import current_task
from crmcore.errors import Unavailable

__all__ = ["Begin", "Held", "Savepoint", "Transaction", "TransactionMisuse"]

T = TypeVar("T")

#: So many statements are left at most where there is a choice.
_ROOM = 40

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

    Args:

        writers: connections.
        schema: whether the schema may be changed.
        isolation: of the transaction.
        group: commits it with others if no statement has to be waited for but the last; None where that saves nothing, and the
            connection is taken at once.
        went_along: told of statements that were left for later, once they are sent.

    Attributes:

        over, kept: whether it has ended, and by a commit.
        waited: whether it waited for its commit while others had their turns.
        depth: how many savepoints are open.
        failure: of a statement, not undone by a savepoint.
        held: what is to be written before the next statement.
    """

    # As every one begins; most end so, too.
    over = kept = waited = _busy = False
    depth = 0
    failure: BaseException | None = None
    held: Held | None = None
    _connection: Connection | None = None

    def __init__(
        self,
        writers: Lifo[Connection],
        group: GroupCommit | None,
        isolation: Isolation,
        went_along: Callable[[Sequence[Left]], None],
        *,
        schema: bool = False,
    ) -> None:
        self._writers, self._group, self._isolation, self._schema = writers, group, isolation, schema
        self._left: list[Left] = []
        self._went_along = went_along
        self._shared = group is not None
        self._loop = asyncio.get_running_loop()
        self._owner = current_task(self._loop)
        self._visitors: set[asyncio.Task[object]] = set()

    @cached_property
    def _turn(self) -> asyncio.Lock:
        return asyncio.Lock()

    async def run(self, work: Callable[[Connection], Awaitable[T]]) -> T:
        """Do one thing on the connection, alone.

        Raises:

            TransactionMisuse: the transaction is over, or an earlier failure was caught without a savepoint.
        """
        self._admit()
        async with self._turn:
            self._check()
            self._busy = True
            try:
                return await work(self._connection or await self.begin())
            except BaseException as error:
                self.failure = error
                if self._connection is not None:
                    self._connection.forget()
                raise
            finally:
                self._busy = False

    def at_once(self, work: Work, sql: str, params: Params) -> tuple[Any] | None:
        """Return what a statement gives that need not be waited for; None if it is to be given to `run`, and nothing was done."""
        if self._busy or self.over or self.failure is not None or self._connection is None:
            return None
        if current_task(self._loop) is not self._owner:
            return None
        try:
            return self._connection.at_once(work, sql, params)
        except BaseException as error:
            self.failure = error
            raise

    async def begin(self) -> Connection:
        """Take a connection, with what was left so far."""
        started = perf_counter()
        connection = await self._writers.take()
        try:
            await connection.begin(schema=self._schema, isolation=self._isolation)
        except BaseException:
            self._writers.give(connection)
            raise
        self._connection = connection
        left, self._left = self._left, []
        for statement in left:
            if not connection.later(statement.sql, statement.params):
                await connection.execute(statement.sql, statement.params)
        if left:
            self._went_along(left)
        tracing.past("begin", started)
        return connection

    def give_back(self) -> None:
        """Part with the connection, if one was taken."""
        if self._connection is not None:
            self._writers.give(self._connection)

    @property
    def gathers(self) -> bool:
        """Whether what is left for `later` saves a round trip; not so inside a savepoint."""
        if self.depth:
            return False
        if self._connection is None:
            return self._group is not None and len(self._left) < _ROOM
        return self._connection.gathers

    @property
    def unheard(self) -> bool:
        """Whether a statement failed, or one that was left for later has not been run yet."""
        return (
            self.failure is not None or bool(self._left) or (self._connection is not None and self._connection.waiting)
        )

    def later(self, left: Left) -> bool:
        """Leave a statement, which gives no rows, for the next one to take along, or for the commit; say whether the connection can.

        Raises:

            TransactionMisuse: as for `run`.
        """
        if self.over or self.failure is not None or current_task(self._loop) is not self._owner:
            self._admit()
        if self._busy:
            return False
        if self._connection is not None:
            if went := self._connection.later(left.sql, left.params):
                self._went_along([left])
            return went
        self._left.append(left)
        if left.many is None and self._group is not None and not self._group.in_turn:
            self._shared = False
        return True

    async def last(self, sql: str, params: Params) -> list[tuple[object, ...]]:
        """Run the last statement, behind which nothing but `commit` may come; where that saves a way, they go together.

        Raises:

            TransactionMisuse: as for `run`; a savepoint is open, or a task that used the transaction still runs.
        """
        if self.depth:
            msg = "The last statement of a transaction was asked for inside a savepoint; ask for it behind that."
            raise TransactionMisuse(msg)
        if self._visitors:
            self.check_visitors()
        if self._shared and self._left and self._connection is None and (ready := self._with_others(sql, params)):
            started = perf_counter()
            try:
                rows = await ready.answer
            except Unread:
                self._over_there(started)
                raise
            except BaseException as error:
                self.failure = error
                raise
            if rows is not None:
                self._over_there(started)
                return rows
        return await self.run(lambda connection: connection.fetch_last(sql, params))

    def _over_there(self, started: float) -> None:
        """Note that somebody else's connection had it all, and committed."""
        self._went_along(self._left)
        tracing.past("commit", started)
        self._left, self.over, self.kept, self.waited = [], True, True, True

    def _with_others(self, sql: str, params: Params) -> Ready | None:
        """Ask to have the whole transaction committed with others; None if it has to go alone."""
        if (
            tally := TALLY.get()
        ) is not None and tally.tape is not None:  # somebody wants to see the statements themselves
            return None
        self._admit()
        assert self._group is not None, "what is shared has a group"
        ready = Ready(self._isolation, self._left, Left(sql, params), self._loop.create_future())
        self._group.ask(ready)
        return ready

    async def commit(self) -> None:
        """Commit; with `last` it may have happened already."""
        started = perf_counter()
        await self.end(commit=True)
        tracing.past("commit", started)

    async def end(self, commit: bool) -> None:
        """Commit or roll back, when nobody is at it any more."""
        if self._connection is None and not self._left:  # there is nothing, or others' connection had it
            self.over, self.kept = True, commit
            return
        async with self._turn:
            self.over = True
            if commit:
                await self._commit()
                self.kept = True
            elif self._connection is not None:
                await self._connection.rollback()

    async def _commit(self) -> None:
        if self._left:
            try:
                await self.begin()
            except BaseException:
                if self._connection is not None:
                    await self._connection.rollback()
                raise
        if (connection := self._connection) is None:
            return
        if (joined := connection.join()) is None:
            await connection.commit()
        else:  # others go on with the connection meanwhile
            self.give_back()
            self._connection, self.waited = None, True
            await joined

    def check_owner(self) -> None:
        """Refuse a savepoint to a task that did not open the transaction: others' statements would fall into it."""
        if current_task(self._loop) is not self._owner:
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
        task = current_task(self._loop)
        if task is not self._owner and task is not None:
            self._visitors.add(task)
        if self.over or self.failure is not None:
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
        went_along: see `Transaction`.
        group: see `Transaction`.
        schema: whether the schema may be changed.
        isolation: of the transaction.
        gives_way: whether other tasks get a turn before it and behind it; where it waits for the database they have one anyway.
    """

    def __init__(
        self,
        writers: Lifo[Connection],
        current: ContextVar[Transaction | None],
        went_along: Callable[[Sequence[Left]], None],
        group: GroupCommit | None = None,
        *,
        schema: bool = False,
        isolation: Isolation = "repeatable read",
        gives_way: bool = False,
    ) -> None:
        self._writers, self._current, self._schema, self._isolation = writers, current, schema, isolation
        self._went_along, self._group, self._gives_way = went_along, group, gives_way

    async def __aenter__(self) -> None:
        # Where many write at once, all that came in this round are ready to begin before the first begins: a unit of work goes
        # through so many functions that what it needs is gone from the processor's memory once something else comes between.
        if self._gives_way or (self._group is not None and self._group.under_way):
            await asyncio.sleep(0)
        self._transaction = Transaction(
            self._writers, self._group, self._isolation, self._went_along, schema=self._schema
        )
        if self._group is None:
            await self._transaction.begin()
        self._current.set(self._transaction)

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
            transaction.give_back()
            if self._gives_way and not transaction.waited:
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
