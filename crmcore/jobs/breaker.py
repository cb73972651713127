"""A circuit breaker: whether what just happened to a handler's jobs says that the handler had better be left alone."""

from __future__ import annotations

from collections import deque
from uuid import UUID

__all__ = ["Breaker", "pause"]

#: Different jobs that must have failed: one job that can never succeed says nothing about the others.
_JOBS = 3
#: Latest outcomes that are looked at, and the part of them that must be failures where not all are.
_WINDOW = 50
_RATE = 0.8
#: Seconds a breaker stays open at most before it lets somebody try.
_LONGEST = 900.0


class Breaker:
    """Counts the outcomes of one handler's jobs, in one process.

    Args:

        in_row: failures in a row, of three different jobs at least, after which it opens.
    """

    __slots__ = ("_in_row", "_latest", "_row")

    def __init__(self, in_row: int) -> None:
        self._in_row = in_row
        self._row: list[UUID] = []
        self._latest: deque[UUID | None] = deque(maxlen=_WINDOW)

    def ended(self, job: UUID, *, failed: bool) -> bool:
        """Note an outcome, and say whether the breaker opens now: so many in a row, or four of five among the last fifty."""
        self._latest.append(job if failed else None)
        if not failed:
            self._row.clear()
            return False
        if len(self._row) < self._in_row:
            self._row.append(job)
        return self._all_fail() or self._most_fail()

    def reset(self) -> None:
        """Forget everything: the handler works again."""
        self._row.clear()
        self._latest.clear()

    def _all_fail(self) -> bool:
        return len(self._row) >= self._in_row and len(set(self._row)) >= _JOBS

    def _most_fail(self) -> bool:
        failed = [job for job in self._latest if job is not None]
        full = len(self._latest) == _WINDOW
        return full and len(failed) >= _RATE * _WINDOW and len(set(failed)) >= _JOBS


def pause(first: float, trials: int) -> float:
    """Return for how many seconds a breaker stays open: `first`, twice that after each trial that failed, 15 minutes at most."""
    return float(min(first * 2 ** min(trials, 20), max(_LONGEST, first)))
