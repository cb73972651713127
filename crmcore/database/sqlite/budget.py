"""How much of a read may happen on the event loop's own thread: so little that nobody notices."""

from __future__ import annotations

import sqlite3

__all__ = ["Budget", "Slow"]

#: Instructions of SQLite's virtual machine: 0.1 to 0.3 ms. A record by its id takes 30, a page of fifty some thousand.
_INSTRUCTIONS = 10_000
#: How many statements `Slow` remembers.
_MOST = 4096


class Slow(set[str]):
    """Statements that overran their budget once; they go to a thread at once from then on."""

    def add(self, sql: str) -> None:
        """Remember a statement."""
        if len(self) >= _MOST:
            self.clear()
        super().add(sql)


class Budget:
    """Ends what runs on a connection inside `with budget:` after `_INSTRUCTIONS` to twice as many.

    SQLite counts a prepared statement's instructions over all its executions, so the first call in an execution says
    nothing and the second counts.
    """

    def __init__(self, raw: sqlite3.Connection) -> None:
        self._calls = 0
        self._applies = False
        raw.set_progress_handler(self._call, _INSTRUCTIONS)

    def __enter__(self) -> None:
        self._calls, self._applies = 0, True

    def __exit__(self, *error: object) -> None:
        self._applies = False

    def _call(self) -> int:
        self._calls += 1
        return self._applies and self._calls > 1
