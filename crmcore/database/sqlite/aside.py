"""Reads that take a while, one after the other in a reader's thread; those that are equal and wait are one."""

from __future__ import annotations

import asyncio
import logging
import os
from collections import deque
from collections.abc import Callable, Hashable
from contextlib import suppress
from contextvars import Context
from time import perf_counter
from typing import Any

from crmcore.database.failures import Busy, StatementTimeout
from crmcore.database.gathering import Asked, Row, Together
from crmcore.database.lifo import Lifo
from crmcore.database.sqlite.connection import SqliteConnection

__all__ = ["Aside"]

_log = logging.getLogger("crmcore.database.sqlite")

#: Seconds after which another thread helps, if there is a processor for it or if none has begun anything since.
_PATIENCE = 0.003


class Aside:
    """Reads on other threads than the event loop's.

    A thread that was woken takes one read after the other until none is left. Between two of them it needs Python's lock,
    for which it and the event loop pay a hundred microseconds; SQLite works without. Whoever asks for what waits already
    shares it: the more ask, the fewer statements each of them takes. So one thread is enough where there are two
    processors; more share less. Others help where there are more, or where all would wait for a long read.

    A read begins after each who shares it has asked, in a snapshot of its own. If it fails, each is asked alone and hears
    what is its own; that the time was over all are told. Who leaves ends nobody's read; who leaves last ends it.

    Args:

        readers: connections that read.
        went: told of each read that several shared how many they were.
    """

    def __init__(self, readers: Lifo[SqliteConnection], went: Callable[[int], None]) -> None:
        self._readers, self._went = readers, went
        self._threads = max(1, (os.cpu_count() or 1) - 1)
        # The threads take from these and add to them, each in one step that Python does not divide.
        self._queue: deque[_Read] = deque()
        self._waiting: dict[Hashable, _Read] = {}
        self._over: deque[_Read] = deque()
        self._begun, self._told = 0, False
        # The rest is the event loop's.
        self._turns: set[_Turn] = set()
        self._called = self._opening = False
        self._late: asyncio.TimerHandle | None = None

    @property
    def busy(self) -> bool:
        """Whether a thread is at work."""
        return bool(self._turns)

    def ask(self, sql: str, bound: dict[str, Any], key: Hashable, asked: Asked) -> None:
        """Have a statement read its only row.

        Args:

            sql: the statement.
            bound: its values, as SQLite takes them.
            key: what it has in common with its equals.
            asked: who is told.
        """
        read = self._waiting.get(key)
        if read is not None and read.wanted:
            read.add(asked)  # if a thread takes it in this moment, it still begins after it was asked for
            return
        read = self._waiting[key] = _Read(sql, bound, key)
        read.add(asked)
        self._queue.append(read)
        self._wake()

    def next(self, loop: asyncio.AbstractEventLoop) -> _Read | None:
        """Return what is to be done next, None if there is nothing; called by the threads.

        What is done already is told of before; at the end of a turn, which the loop hears of anyway, with that.
        """
        try:
            read = self._queue.popleft()
        except IndexError:
            return None
        self._waiting.pop(read.key, None)
        self._begun += 1
        if self._over and not self._told:
            self._told = True
            with suppress(RuntimeError):  # the loop is closed: nobody waits any more
                loop.call_soon_threadsafe(self._answer)
        return read

    def done(self, read: _Read) -> None:
        """Keep a read for those who asked; called by the threads."""
        self._over.append(read)

    def ended(self, turn: _Turn) -> None:
        """Take back the connection of a thread that found nothing left."""
        self._turns.discard(turn)
        self._readers.give(turn.connection)
        self._answer()
        if self._queue and not self._turns:
            self._go()

    def _wake(self) -> None:
        if not self._turns and not self._opening:
            if not self._called:
                self._called = True
                asyncio.get_running_loop().call_soon(self._go)
        elif self._late is None:
            self._late = asyncio.get_running_loop().call_later(_PATIENCE, self._overdue, self._begun)

    def _overdue(self, begun: int) -> None:
        self._late = None
        if not self._queue:
            return
        if len(self._turns) < self._threads or begun == self._begun:
            self._go()
        self._late = asyncio.get_running_loop().call_later(_PATIENCE, self._overdue, self._begun)

    def _go(self) -> None:
        self._called = False
        if (connection := self._readers.idle_one()) is not None:
            self._start(connection)
        elif not self._opening:
            self._opening = True
            # A context of its own: the connection belongs to none of the requests.
            asyncio.get_running_loop().create_task(self._open(), context=Context())

    async def _open(self) -> None:
        try:
            self._start(await self._readers.take())
        except Exception as failure:
            if not self._turns:
                self._give_up(failure)
        finally:
            self._opening = False

    def _start(self, connection: SqliteConnection) -> None:
        turn = _Turn(self, connection)
        self._turns.add(turn)
        turn.start()

    def _give_up(self, failure: Exception) -> None:
        """Tell all, since no reader can be had."""
        while self._queue:
            read = self._queue.popleft()
            self._waiting.pop(read.key, None)
            read.failure = failure
            self._over.append(read)
        self._answer()

    def _answer(self) -> None:
        self._told = False
        while self._over:
            read = self._over.popleft()
            if read.failure is None and len(read.asked) > 1:
                self._went(len(read.asked))
            read.tell()


class _Read:
    __slots__ = ("asked", "bound", "failure", "key", "late", "row", "seconds", "sql", "turn", "wanted")

    def __init__(self, sql: str, bound: dict[str, Any], key: Hashable) -> None:
        self.sql, self.bound, self.key = sql, bound, key
        self.asked: list[Asked] = []
        self.wanted = 0
        self.row: Row = ()
        self.seconds = 0.0
        self.failure: Exception | None = None
        self.late = False
        self.turn: _Turn | None = None

    def add(self, asked: Asked) -> None:
        self.asked.append(asked)
        self.wanted += 1
        asked.group = self

    def left(self) -> None:
        self.wanted -= 1
        if not self.wanted and self.turn is not None:
            self.turn.stop(self)

    def run(self, turn: _Turn) -> None:
        """Read, on a thread."""
        started, self.turn = perf_counter(), turn
        try:
            if self.wanted:
                self.row = turn.connection.row_there(self.sql, self.bound)
        except Exception as failure:  # whoever asks alone hears of it
            self.failure = failure
        self.seconds = perf_counter() - started

    def tell(self) -> None:
        if self.failure is not None and self.wanted:
            _log.info("A read that %d asked for failed (%r).", len(self.asked), self.failure)
        for asked in self.asked:
            # Or they would hold each other, and be left to the garbage collector, which stops the whole process.
            asked.group = None
            if asked.answer.done():  # a request that has gone waits no longer
                continue
            if self.failure is None:
                asked.answer.set_result(Together(self.row, self.seconds))
            elif isinstance(self.failure, Busy) or (self.late and isinstance(self.failure, StatementTimeout)):
                asked.answer.set_exception(type(self.failure)(str(self.failure)))
            else:
                asked.answer.set_result(None)


class _Turn:
    """A thread's: from when it is woken until nothing is left."""

    def __init__(self, aside: Aside, connection: SqliteConnection) -> None:
        self._aside, self.connection = aside, connection
        self._read: _Read | None = None
        self._began = 0.0
        self._loop = asyncio.get_running_loop()
        self._timer = self._loop.call_later(connection.limit, self._check)

    def start(self) -> None:
        self.connection.serve(self._work).add_done_callback(self._ended)

    def stop(self, read: _Read) -> None:
        """End a read that is under way; if the next one has begun in this moment, it is asked alone."""
        if self._read is read:
            self.connection.stop()

    def _work(self) -> None:
        while self.connection.usable and (read := self._aside.next(self._loop)) is not None:
            self._began, self._read = self._loop.time(), read
            read.run(self)
            self._read = None
            self._aside.done(read)

    def _check(self) -> None:
        read, since = self._read, self._loop.time() - self._began
        if read is not None and since >= self.connection.limit:
            read.late = True
            self.stop(read)
        left = self.connection.limit - (since if read is not None and not read.late else 0.0)
        self._timer = self._loop.call_later(left, self._check)

    def _ended(self, _: asyncio.Future[None]) -> None:
        self._timer.cancel()
        self._aside.ended(self)
