"""Every statement is timed: added to its request's tally, a span of its trace, and told of when it was slow."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from math import inf

from crmcore import tracing
from crmcore.database.connection import Params
from crmcore.database.group_commit import Left
from crmcore.database.spans import statement_span
from crmcore.database.tally import TALLY, Tally, Taped

__all__ = ["Watch"]


class Watch:
    """Sees each statement of a database when it has ended, well or not.

    Attributes:

        statements, seconds: all statements since the start, and how long they took together.
        slow: how many took `limit` seconds or longer.
        groups, gathered: statements that went out for several reads at once, and how many reads those were.
        commits, committed: transactions that were several units' at once, and how many units those were.
        limit: seconds.
        tell: called with a slow statement and the tally of its request, if it is one's.

    Args:

        dialect: which database, for traces.
    """

    def __init__(self, dialect: str) -> None:
        self._dialect = dialect
        self.statements = self.slow = self.groups = self.gathered = self.commits = self.committed = 0
        self.seconds = 0.0
        self.limit = inf
        self.tell: Callable[[Taped, Tally | None], None] | None = None

    def went(self, reads: int) -> None:
        """Count a statement that went out for several reads; each of them is told to `ran` as well."""
        self.groups += 1
        self.gathered += reads

    def shared(self, units: int) -> None:
        """Count a transaction that was committed for several units of work."""
        self.commits += 1
        self.committed += units

    def went_along(self, statements: Sequence[Left]) -> None:
        """Count statements that went along with another one, whose time theirs is."""
        self.statements += len(statements)
        if (tally := TALLY.get()) is not None:
            tally.statements += len(statements)
            if tally.tape is not None:
                tally.tape += [Taped(left.sql, left.params, 0.0) for left in statements]
        if tracing.SPANS is not None:
            for left in statements:
                statement_span(tracing.SPANS, self._dialect, left.sql, 0.0, None)

    def ran(self, sql: str, params: Params, seconds: float, failure: BaseException | None = None) -> None:
        """Count a statement that took so many seconds; `failure` is what ended it, None if it ended well."""
        self.statements += 1
        self.seconds += seconds
        tally = TALLY.get()
        if tally is not None:
            tally.statements += 1
            tally.database_seconds += seconds
            if tally.tape is not None:
                tally.tape.append(Taped(sql, params, seconds))
        if seconds >= self.limit:
            self.slow += 1
            if self.tell is not None:
                self.tell(Taped(sql, params, seconds), tally)
        if tracing.SPANS is not None:
            statement_span(tracing.SPANS, self._dialect, sql, seconds, failure)
