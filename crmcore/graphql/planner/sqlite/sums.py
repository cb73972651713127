"""Exact totals in SQLite: with the functions that `crmcore.database.sqlite.exact` gives its connections."""

from __future__ import annotations

from collections.abc import Sequence

from crmcore.entities.kinds import FLOAT, INT, Kind
from crmcore.graphql.planner.figures.sums import Sums

__all__ = ["SqliteSums"]

_BILLION = "1000000000"


class SqliteSums(Sums):
    """Sums of 32-bit numbers fit into 64 bits; those of larger ones are made of billions and the rest."""

    def parts(self, sql: str, kind: Kind) -> tuple[str, ...]:
        if kind is FLOAT:
            return (f"crm_sum({sql})",)
        if kind is INT:
            return (f"sum({sql})",)
        return (f"sum({sql} / {_BILLION})", f"sum({sql} % {_BILLION})")

    def added(self, part: str, kind: Kind) -> str:
        return f"{'crm_sum' if kind is FLOAT else 'sum'}({part})"

    def whole(self, parts: Sequence[str]) -> str:
        return f"crm_whole({', '.join(parts)})" if len(parts) > 1 else parts[0]

    def number(self, parts: Sequence[str], kind: Kind) -> str:
        return f"crm_{'real' if kind is FLOAT else 'number'}({self.whole(parts)})"

    def mean(self, parts: Sequence[str], count: str) -> str:
        return f"crm_mean({self.whole(parts)}, {count})"

    def share(self, parts: Sequence[str], count: str) -> str:
        return f"crm_share({self.whole(parts)}, {count})"
