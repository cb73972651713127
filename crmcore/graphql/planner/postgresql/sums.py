"""Exact totals in PostgreSQL: its `numeric` holds them all."""

from __future__ import annotations

from collections.abc import Sequence

from crmcore.entities.kinds import FLOAT, Kind
from crmcore.graphql.planner.figures.sums import Sums

__all__ = ["PostgresqlSums"]

_LARGEST = "1.7976931348623157e308"
_SMALLEST_DIVIDED = "1e-290"


class PostgresqlSums(Sums):
    """Sums of numbers go through their text, which has the digits that a cast to numeric would round away."""

    def parts(self, sql: str, kind: Kind) -> tuple[str, ...]:
        return (f"sum(({sql})::text::numeric)" if kind is FLOAT else f"sum({sql})",)

    def added(self, part: str, kind: Kind) -> str:  # noqa: ARG002 - numeric holds all kinds
        return f"sum({part})"

    def whole(self, parts: Sequence[str]) -> str:
        return parts[0]

    def number(self, parts: Sequence[str], kind: Kind) -> str:
        (sql,) = parts
        return f"case when abs({sql}) <= {_LARGEST} then ({sql})::float8 end" if kind is FLOAT else sql

    def mean(self, parts: Sequence[str], count: str) -> str:
        (sql,) = parts
        divided = f"({sql})::float8 / ({count})::float8"
        # PostgreSQL refuses to divide a number that would become zero.
        return f"case when abs({sql}) > {_LARGEST} then null when abs({sql}) >= {_SMALLEST_DIVIDED} then {divided} else {sql} * 0 end::float8"

    def share(self, parts: Sequence[str], count: str) -> str:
        (sql,) = parts
        twice = f"2 * abs(mod({sql}, {count}))"
        odd = f"mod(div({sql}, {count}), 2) <> 0"
        return f"(div({sql}, {count}) + case when {twice} > {count} or ({twice} = {count} and {odd}) then sign({sql}) else 0 end)"
