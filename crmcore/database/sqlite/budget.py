"""How much of a read may happen on the event loop's own thread: so little that nobody notices."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from time import monotonic

__all__ = ["Budget", "Dear", "Slow"]

#: Instructions of SQLite's virtual machine: 0.1 to 0.3 ms. A record by its id takes 30, a page of fifty two thousand.
_INSTRUCTIONS = 10_000
#: From so many on a read is better done in another thread, if others wait meanwhile.
_FEW = 1_000
#: How many statements are remembered.
_MOST = 4096
#: What a run counts that was dear where others count -1, and from which score on a statement is; for so many seconds.
_COUNTS, _SCORE, _TERM = 8, 32, 60.0


class Slow(set[str]):
    """Statements that overran their budget once; they go to a thread at once from then on."""

    def add(self, sql: str) -> None:
        """Remember a statement."""
        if len(self) >= _MOST:
            self.clear()
        super().add(sql)


class Dear:
    """Statements that take longer than going to a thread and back in more than one of nine runs; looked at again each minute.

    One that does so now and then, for a customer with a long history, stays: all others would pay for it.
    """

    def __init__(self) -> None:
        self._scores: dict[str, int] = {}
        self._until: dict[str, float] = {}

    def __contains__(self, sql: str) -> bool:
        until = self._until.get(sql)
        if until is None:
            return False
        if monotonic() < until:
            return True
        del self._until[sql]
        self._scores[sql] = _SCORE - _COUNTS  # one more is enough
        return False

    def ran(self, sql: str, *, dear: bool) -> None:
        """Note a run."""
        if not dear:
            if score := self._scores.get(sql):
                self._scores[sql] = score - 1
            return
        if len(self._scores) >= _MOST:
            self._scores.clear()
            self._until.clear()
        score = self._scores[sql] = self._scores.get(sql, 0) + _COUNTS
        if score >= _SCORE:
            self._until[sql] = monotonic() + _TERM


class Budget:
    """Ends what runs on a connection inside `with budget:` after `_INSTRUCTIONS` to twice as many.

    SQLite counts a prepared statement's instructions over all its executions, so the first call in an execution says
    nothing and the second counts.

    Attributes:

        dear: whether what ran last inside `with budget.watched():` took `_FEW` or more.
    """

    def __init__(self, raw: sqlite3.Connection) -> None:
        self._raw = raw
        self._calls, self._most = 0, 1
        self._applies = False
        raw.set_progress_handler(self._call, _INSTRUCTIONS)

    def __enter__(self) -> None:
        self._calls, self._applies = 0, True

    def __exit__(self, *error: object) -> None:
        self._applies = False

    @property
    def dear(self) -> bool:
        return self._calls > 1

    @contextmanager
    def watched(self) -> Iterator[None]:
        """Look more closely at what runs."""
        self._most = _INSTRUCTIONS // _FEW
        self._raw.set_progress_handler(self._call, _FEW)
        try:
            yield
        finally:
            self._most = 1
            self._raw.set_progress_handler(self._call, _INSTRUCTIONS)

    def _call(self) -> int:
        self._calls += 1
        return self._applies and self._calls > self._most
