"""SQLite's one writer: its transactions, of which those that end in the same round of the event loop are committed as one."""

from __future__ import annotations

import asyncio
import logging
import sqlite3
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any, TypeVar

from crmcore.database.connection import Isolation
from crmcore.database.failures import Contention
from crmcore.database.lifo import Lifo
from crmcore.database.retrying import RETRIED
from crmcore.database.sqlite import statements as s
from crmcore.database.sqlite.brisk import BRISK
from crmcore.database.sqlite.connection import SqliteConnection
from crmcore.database.sqlite.program import Program, Programs
from crmcore.database.sqlite.translate import translate
from crmcore.database.tally import TALLY
from crmcore.errors import Unavailable

__all__ = ["SqliteWriter"]

_log = logging.getLogger("crmcore.database.sqlite")

T = TypeVar("T")
#: A transaction that is done and waits until it is committed.
Done = asyncio.Future[None]

#: So many rows are committed on the event loop's thread; triggers' rows and the index of search's count.
_FEW = 200
#: After so many rows, those of answers included, a reader's thread writes the log back: some 10 MB; after four times as many the
#: writer does, if no reader was idle.
_PART = 3000
#: Seconds for which each is committed alone when a commit failed: one of them may be to blame.
_REST = 2.0
_UNDONE = "Another transaction, which this one was to be committed with, took it along when it was undone; try again."


class SqliteWriter(SqliteConnection):
    """See `crmcore.database.connection.Connection`.

    A commit writes each page that was touched into the log: for a new record and what comes with it more than 20, which cost
    as much as all its statements; two records share most of them. So a transaction of a request, which is done without
    having left the event loop's thread, is not committed at once: others may follow in it, each in a savepoint, until the
    round of the event loop is over. Then all of them are committed, and hear of it. They run one after the other, as ever.

    One that fails undoes its savepoint, and the others are committed, before anybody hears why. If SQLite ends the whole
    transaction, as it does where a statement is interrupted that writes, those that were done are undone as well: so only
    transactions wait that are run again by `retrying`.

    SQLite would write its log back into the file within some commits, which then wait for the disk twice. Here a reader's thread
    does it and does the waiting, beside those who write. What these add meanwhile the writer's own thread writes back, between two
    that use it: a log of which nothing is left begins anew.

    Attributes:

        stack: the connection's own.
        readers: connections that read.
        went: told of each group of several how many transactions it had.
    """

    stack: Lifo[SqliteWriter]
    readers: Lifo[SqliteConnection]
    went: Callable[[int], None]

    def __init__(self, *args: Any) -> None:
        super().__init__(*args)
        self._programs = Programs(self._raw)
        self._done: list[Done] = []
        # Whether who has a transaction open has but a savepoint, since others before are done; and whether they are looked after.
        self._saved = self._called = False
        self._resting = 0.0
        # Rows written when the transaction began, and when the log was last written back; whether that is under way beside those
        # who write, and whether it is to be done by the writer.
        self._begun = self._kept = self._raw.total_changes
        self._beside = self._due = False

    @property
    def unclear(self) -> bool:
        """Whether the log is to be written back; what is cut off ends in its own thread, and leaves nothing to mend."""
        much = not 0 <= self._raw.total_changes - self._kept < 4 * _PART
        return self.usable and not self._done and (self._due or much)

    async def mend(self) -> None:
        self._kept, self._due = self._raw.total_changes, False
        await self._worker.call(s.write_back, self._raw, always=True)

    async def begin(self, *, schema: bool = False, isolation: Isolation = "repeatable read") -> None:  # noqa: ARG002
        if self._done and (schema or TALLY.get() is None):  # it may take long, and the others would wait for it
            self._settle()
        if self._done:
            self._open = self._saved = True
            self._here(s.save)
            return
        self._schema, self._much, self._begun = schema, schema, self._raw.total_changes
        if schema:
            self._due = True  # a change of the schema counts no rows
        if schema or not self._worker.idle or not self._here(s.begin_now):
            try:
                if schema:
                    await self._there(self._programs.forget)
                await self._there(s.begin_schema if schema else s.begin, self._raw)
            except BaseException:
                await self.rollback()
                raise
        self._open = True

    def join(self) -> Done | None:
        if not self._short or not self._raw.in_transaction or TALLY.get() is None:
            return None
        if RETRIED.get() is not asyncio.current_task() or (loop := asyncio.get_running_loop()).time() < self._resting:
            return None
        if self._saved:
            self._here(s.release)
        self._open = self._saved = False
        done = loop.create_future()
        self._done.append(done)
        if not self._called:
            self._called = True
            loop.call_soon(self._round_over)
        return done

    async def commit(self) -> None:
        if self._short:
            self._open = self._saved = False
            if (failure := self._committed_now(more=1)) is not None:
                raise failure
            return
        # No interruption here: once it is asked for, a commit happens or fails, whoever is cancelled meanwhile.
        committed = self._worker.call(s.commit, self._raw, always=True)
        done, self._done = self._done, []
        committed.add_done_callback(lambda committed: self._tell(done, self._failure(committed.exception()), more=1))
        self._open = self._saved = False
        try:
            await asyncio.shield(committed)
        except sqlite3.Error as error:
            raise translate(error, self._keys) from error
        self._grown()

    async def runs(self, program: Program) -> bool:
        """Say whether SQLite takes statements as a program."""
        try:
            await self._there(self._programs.named, program)
        except sqlite3.Error:
            return False
        return True

    async def together(self, program: Program, rows: Sequence[Sequence[Any]]) -> list[list[tuple[Any, ...]]]:
        """Run a program for the values of each row, and commit.

        Returns:

            what its last statement gave for each.

        Raises:

            Exception: as a statement or a commit; then nothing is kept, except after `Unread`.
        """
        self._schema = False
        with BRISK:
            answers = await self._there(self._programs.run, program, rows)
        self._grown()
        return answers

    async def rollback(self) -> None:
        try:
            await self._worker.call(s.undo if self._saved else s.rollback, self._raw, always=True)
        except sqlite3.Error:
            self.usable = False
        self._open = self._saved = False
        self._settle()

    def abandon(self) -> None:
        if self._done:
            self._undone()
        super().abandon()

    async def close(self) -> None:
        self._settle()
        await super().close()

    @property
    def _short(self) -> bool:
        """Whether what was written since the transaction began may be committed on the event loop's thread."""
        return not self._much and self._worker.idle and 0 <= self._raw.total_changes - self._begun <= _FEW

    def _round_over(self) -> None:
        self._called = False
        if self._open or not self._done:  # whoever has it comes by again
            return
        if self.stack.waiting:  # and is about to begin
            self._called = True
            asyncio.get_running_loop().call_soon(self._round_over)
            return
        self._settle()
        if self.unclear and (idle := self.stack.idle_one()) is not None:
            self.stack.give(idle)

    def _settle(self) -> None:
        """Commit those that are done, while nobody has a transaction open."""
        if self._done and self._raw.in_transaction:
            self._committed_now(more=0)
        elif self._done:
            self._undone()

    def _committed_now(self, more: int) -> Exception | None:
        """Commit, tell those that were done, and return what stood against it; `more` is how many it was for besides."""
        done, self._done = self._done, []
        try:
            s.commit_now(self._raw)
        except sqlite3.Error as error:
            failure = translate(error, self._keys)
            failure.__cause__ = error
            self._tell(done, failure)
            return failure
        self._tell(done, None, more)
        self._grown()
        return None

    def _grown(self) -> None:
        """Have the log written back beside those who write, if it has grown by enough."""
        if not self.usable or self._beside or self._raw.total_changes - self._kept < _PART:
            return
        if (reader := self.readers.idle_one()) is not None:
            self._kept, self._beside = self._raw.total_changes, True
            reader.write_back_beside().add_done_callback(partial(self._written_back, reader))

    def _written_back(self, reader: SqliteConnection, _: asyncio.Future[None]) -> None:
        self._beside, self._due = False, True
        self.readers.give(reader)

    def _undone(self) -> None:
        """Have those that were done run again."""
        done, self._done = self._done, []
        _log.info("%d transactions that were done were undone with another one, and are run again.", len(done))
        self._tell(done, Contention(_UNDONE))

    def _tell(self, done: Sequence[Done], failure: BaseException | None, more: int = 0) -> None:
        if failure is None and len(done) + more > 1:
            self.went(len(done) + more)
        if failure is not None and not isinstance(failure, Unavailable):
            failure = Contention(_UNDONE)
        if failure is not None:
            self._resting = asyncio.get_running_loop().time() + _REST
        for one in done:
            if one.done():  # a request that has gone waits no longer
                continue
            if failure is None:
                one.set_result(None)
            else:
                one.set_exception(failure)

    def _failure(self, error: BaseException | None) -> BaseException | None:
        return translate(error, self._keys) if isinstance(error, sqlite3.Error) else error

    async def _there(self, work: Callable[..., T], *args: Any) -> T:
        if not self._open:  # a statement of its own is no part of what is done
            self._settle()
        return await super()._there(work, *args)
