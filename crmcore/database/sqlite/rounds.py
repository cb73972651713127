"""Reads of one round of the event loop run one after the other at its end: what SQLite needs is then at the processor's hand."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Hashable, Sequence
from time import perf_counter
from typing import Any

from crmcore.database.connection import Params
from crmcore.database.failures import StatementTimeout
from crmcore.database.gathering import Asked, Together
from crmcore.database.lifo import Lifo
from crmcore.database.sqlite.aside import Aside
from crmcore.database.sqlite.budget import Dear, Slow
from crmcore.database.sqlite.connection import SqliteConnection
from crmcore.database.values import for_sqlite

__all__ = ["Rounds"]

#: Seconds for which it counts as busy when several reads were asked for at once.
_BUSY = 0.05
#: One of so many rounds is watched, which costs each read in it a twentieth.
_LOOKS = 16


class Rounds:
    """Answers reads that are asked for in the same round of the event loop together, in one transaction.

    A record by its id takes SQLite 10 µs when nothing else is done in between, and five times that in the middle of a request,
    whose code has taken the processor's caches. Nothing waits for company: a round ends when nobody is left who could ask.

    Equal reads, of the same statement and values, are one. What takes time goes to a thread, and so does, while several ask,
    what takes longer than handing it over: the event loop has other work then. Whatever fails is asked alone.

    Args:

        readers: connections that read.
        slow: statements that are known to take time.
        went: told of each statement that served several reads how many it served.
    """

    def __init__(self, readers: Lifo[SqliteConnection], slow: Slow, went: Callable[[int], None]) -> None:
        self._readers, self._slow, self._went = readers, slow, went
        self._dear, self._aside = Dear(), Aside(readers, went)
        self._waiting: list[tuple[str, Asked]] = []
        self._busy_until, self._rounds = 0.0, 0

    def ask(self, sql: str, params: Params) -> Asked | None:
        """Have a read go with others; None if it is to go alone."""
        loop = asyncio.get_running_loop()
        asked = Asked(params, loop.create_future())
        if sql in self._slow or (sql in self._dear and (self._aside.busy or loop.time() < self._busy_until)):
            bound = _bound(params)
            if bound is None:
                return None
            self._aside.ask(sql, bound, (sql, _exactly(bound)), asked)
            return asked
        if not self._waiting:
            loop.call_soon(self._go)
        self._waiting.append((sql, asked))
        return asked

    def _go(self) -> None:
        waiting, self._waiting = self._waiting, []
        waiting = [(sql, asked) for sql, asked in waiting if not asked.answer.done()]  # the others have left
        connection = self._readers.idle_one()
        try:
            if connection is None:
                return
            if len(waiting) == 1:
                self._answer(connection, waiting)
                return
            self._busy_until = asyncio.get_running_loop().time() + _BUSY
            self._rounds += 1
            with connection.snapshot():
                if self._rounds % _LOOKS:
                    self._answer(connection, waiting)
                else:
                    with connection.watched():
                        self._answer(connection, waiting, self._dear)
        finally:
            if connection is not None:
                self._readers.give(connection)
            for _, asked in waiting:
                if not asked.answer.done() and asked.group is None:
                    asked.answer.set_result(None)

    def _answer(
        self, connection: SqliteConnection, waiting: Sequence[tuple[str, Asked]], dear: Dear | None = None
    ) -> None:
        found: dict[Hashable, list[Asked]] = {}
        for sql, asked in waiting:
            bound = _bound(asked.params)
            if bound is None:
                asked.answer.set_result(None)
                continue
            key = (sql, _exactly(bound))
            equal = found.get(key)
            if equal is None:
                found[key] = [asked]
                if not self._read(connection, sql, bound, asked, dear):
                    self._aside.ask(sql, bound, key, asked)
            elif equal[0].group is None:
                asked.answer.set_result(equal[0].answer.result())
                equal.append(asked)
            else:
                self._aside.ask(sql, bound, key, asked)
        for equal in found.values():
            if len(equal) > 1:
                self._went(len(equal))

    def _read(
        self, connection: SqliteConnection, sql: str, bound: dict[str, Any], asked: Asked, dear: Dear | None
    ) -> bool:
        """Read on the event loop's thread, and say whether that was quick enough."""
        started = perf_counter()
        try:
            row = connection.row_at_once(sql, bound)
        except StatementTimeout:
            self._slow.add(sql)
            return False
        if dear is not None:
            dear.ran(sql, dear=connection.dear)
        asked.answer.set_result(None if row is None else Together(row, perf_counter() - started))
        return True


def _bound(params: Params) -> dict[str, Any] | None:
    """Return the values as SQLite takes them; None if it does not, which whoever asks alone is told."""
    try:
        return for_sqlite(params)
    except Exception:
        return None


def _exactly(bound: dict[str, Any]) -> Hashable:
    """Return what values have in common that SQLite cannot tell apart: 1 and 1.0 it can, and 0.0 from -0.0."""
    values = tuple(bound.values())
    kinds = tuple(map(type, values))
    return (values, kinds, tuple(map(str, values))) if float in kinds else (values, kinds)
