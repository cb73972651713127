"""What is counted of every request: how it ended, and by operation how long it took and what it asked of the database."""

from __future__ import annotations

from collections.abc import Iterator
from operator import itemgetter

from crmcore.http.trace import Trace
from crmcore.metrics import Family, Histogram

__all__ = ["Requests"]

#: How many operations are told apart by name. Clients choose the names, and every name is a dozen lines for ever.
_MOST_NAMES = 200
#: What those are counted as that came when there were too many names.
_OTHERS = "(others)"


class _Operation:
    __slots__ = ("database_seconds", "durations", "statements")

    def __init__(self) -> None:
        self.durations = Histogram()
        self.statements = 0
        self.database_seconds = 0.0


class Requests:
    """The requests of one server since it started; counting one takes about a microsecond."""

    def __init__(self) -> None:
        self._outcomes: dict[tuple[bool, int, bool], int] = {}
        self._operations: dict[str | None, _Operation] = {}

    def count(self, trace: Trace, seconds: float, *, operation: bool) -> None:
        """Count a request that has ended after so many seconds; `operation` is whether it was one of GraphQL."""
        outcome = operation, trace.status, trace.errors > 0
        try:
            self._outcomes[outcome] += 1
        except KeyError:
            self._outcomes[outcome] = 1
        if operation:
            counted = self._operations.get(trace.operation) or self._admitted(trace.operation)
            counted.durations.add(seconds)
            counted.statements += trace.statements
            counted.database_seconds += trace.database_seconds

    def families(self) -> Iterator[Family]:
        """Give what was counted."""
        outcomes: dict[tuple[str, str], int] = {}
        for (operation, status, errors), count in self._outcomes.items():
            key = "graphql" if operation else "other", _outcome(status, errors=errors)
            outcomes[key] = outcomes.get(key, 0) + count
        yield Family(
            "crm_requests_total",
            "counter",
            "Requests by outcome: ok, errors (an answer with GraphQL errors), refused (4xx), failed (5xx), gone.",
            [("", {"to": to, "outcome": outcome}, count) for (to, outcome), count in sorted(outcomes.items())],
        )
        named = sorted(((name or "", one) for name, one in self._operations.items()), key=itemgetter(0))
        yield Family(
            "crm_operation_seconds",
            "histogram",
            "How long GraphQL operations took, by name.",
            [sample for name, one in named for sample in one.durations.samples({"operation": name})],
        )
        yield Family(
            "crm_operation_statements_total",
            "counter",
            "SQL statements of GraphQL operations, sign-in included.",
            [("", {"operation": name}, one.statements) for name, one in named],
        )
        yield Family(
            "crm_operation_statement_seconds_total",
            "counter",
            "How long the statements of GraphQL operations took.",
            [("", {"operation": name}, one.database_seconds) for name, one in named],
        )

    def _admitted(self, name: str | None) -> _Operation:
        if name is not None and len(self._operations) >= _MOST_NAMES:
            name = _OTHERS
        return self._operations.setdefault(name, _Operation())


def _outcome(status: int, *, errors: bool) -> str:
    if status == 499:
        return "gone"
    if status >= 500 or status == 0:
        return "failed"
    if status >= 400:
        return "refused"
    return "errors" if errors else "ok"
