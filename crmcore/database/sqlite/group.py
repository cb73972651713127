"""Transactions that SQLite runs one after the other within one, in the writer's thread: all statements of all of them are one insert."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from itertools import chain
from typing import Any

from crmcore.database.group_commit import Ready, bound
from crmcore.database.lifo import Lifo
from crmcore.database.sqlite.program import Program
from crmcore.database.sqlite.writer import SqliteWriter
from crmcore.database.values import sqlite_rows

__all__ = ["JoinedInTurn", "prepare_group"]


async def prepare_group(writers: Lifo[SqliteWriter], first: Ready) -> JoinedInTurn | None:
    """Return what commits transactions like this one together, None if a statement of theirs cannot be part of a trigger.

    Raises:

        Unavailable: the database cannot answer now.
    """
    last = first.last.sql, len(first.last.params)
    program = Program.of([(left.sql, len(left.params)) for left in first.left], last)
    writer = await writers.take()
    try:
        return JoinedInTurn(writers, program) if await writer.runs(program) else None
    finally:
        writers.give(writer)


class JoinedInTurn:
    """See `crmcore.database.group_commit.Joined`: each sees what those before it wrote, as if it came after them."""

    def __init__(self, writers: Lifo[SqliteWriter], program: Program) -> None:
        self._writers, self._program = writers, program

    def same(self, ready: Ready) -> Hashable:  # noqa: ARG002 - each has values of its own
        return None

    async def commit(self, group: Sequence[Ready]) -> list[list[tuple[Any, ...]]]:
        # Here and not in the thread, which would have Python's lock the longer.
        values = sqlite_rows([[*chain.from_iterable(own)] for own in zip(*bound(group), strict=True)])
        writer = await self._writers.take()
        try:
            return await writer.together(self._program, values)
        finally:
            self._writers.give(writer)
