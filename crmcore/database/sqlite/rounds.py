"""Reads of one round of the event loop run one after the other at its end: what SQLite needs is then at the processor's hand."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Hashable, Sequence
from time import perf_counter
from typing import Any

from crmcore.database.connection import Params
from crmcore.database.gathering import Asked, Gathering, Row, Together
from crmcore.database.lifo import Lifo
from crmcore.database.sqlite.budget import Slow
from crmcore.database.sqlite.connection import SqliteConnection
from crmcore.database.values import for_sqlite

__all__ = ["EqualReads", "Rounds"]


class Rounds:
    """Answers reads that are asked for in the same round of the event loop together, in one transaction.

    A record by its id takes SQLite 10 µs when nothing else is done in between, and five times that in the middle of a request,
    whose code has taken the processor's caches. Nothing waits for company: a round ends when nobody is left who could ask.

    Equal reads, of the same statement and values, are one. What takes time goes to a thread, and is only shared, by those who ask
    while another of them is under way as well; it has begun after each of them asked. Whatever fails is asked alone.

    Args:

        readers: connections that read.
        slow: statements that are known to take time.
        went: told of each statement that served several reads how many it served.
    """

    def __init__(self, readers: Lifo[SqliteConnection], slow: Slow, went: Callable[[int], None]) -> None:
        self._readers, self._slow, self._went = readers, slow, went
        self._shared = Gathering(self._prepare, went)
        self._waiting: list[tuple[str, Asked]] = []

    def ask(self, sql: str, params: Params) -> Asked | None:
        """Have a read go with others; None if it is to go alone."""
        if sql in self._slow:
            return self._shared.ask(sql, params)
        loop = asyncio.get_running_loop()
        asked = Asked(params, loop.create_future())
        if not self._waiting:
            loop.call_soon(self._go)
        self._waiting.append((sql, asked))
        return asked

    def _go(self) -> None:
        waiting, self._waiting = self._waiting, []
        waiting = [(sql, asked) for sql, asked in waiting if not asked.answer.done()]  # the others have left
        connection = self._readers.idle_one()
        try:
            if connection is not None:
                with connection.snapshot(several=len(waiting) > 1):
                    self._answer(connection, waiting)
        finally:
            if connection is not None:
                self._readers.give(connection)
            for _, asked in waiting:
                if not asked.answer.done():
                    asked.answer.set_result(None)

    def _answer(self, connection: SqliteConnection, waiting: Sequence[tuple[str, Asked]]) -> None:
        found: dict[Hashable, list[Asked]] = {}
        for sql, asked in waiting:
            bound = _bound(asked.params)
            key = None if bound is None else (sql, _exactly(bound))
            if bound is None:
                asked.answer.set_result(None)
            elif (equal := found.get(key)) is not None:
                asked.answer.set_result(equal[0].answer.result())
                equal.append(asked)
            else:
                started = perf_counter()
                row = connection.row_at_once(sql, bound)
                asked.answer.set_result(None if row is None else Together(row, perf_counter() - started))
                found[key] = [asked]
        for equal in found.values():
            if len(equal) > 1:
                self._went(len(equal))

    async def _prepare(self, sql: str) -> EqualReads:
        return EqualReads(self._readers, sql)


class EqualReads:
    """See `crmcore.database.gathering.Gathered`: only equal reads go together, as one."""

    def __init__(self, readers: Lifo[SqliteConnection], sql: str) -> None:
        self._readers, self._sql = readers, sql

    def same(self, params: Params) -> Hashable:
        bound = _bound(params)
        return object() if bound is None else _exactly(bound)

    async def fetch(self, asked: Sequence[Params]) -> tuple[list[Row], float]:
        connection = await self._readers.take()
        try:
            rows = await connection.fetch(self._sql, asked[0])
        finally:
            self._readers.give(connection)
        # What it took does not grow with those who share it.
        return [rows[0]] * len(asked), float(len(asked))


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
