"""PostgreSQL's operators and values; its JSON is made in `json`."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any
from uuid import UUID

from crmcore.entities.kinds import ID, INT, Kind
from crmcore.graphql.planner.dialect import Dialect
from crmcore.graphql.planner.feeds.hit import Hit
from crmcore.graphql.planner.plan import Node, OneOf, Rows, Sorting
from crmcore.graphql.planner.postgresql.hits import hits
from crmcore.graphql.planner.postgresql.json import Json
from crmcore.graphql.planner.postgresql.sums import PostgresqlSums
from crmcore.search.asked import POSTGRESQL

__all__ = ["Postgresql"]

_SPECIAL = re.compile(r"([\\%_])")


class Postgresql(Dialect):
    """PostgreSQL from 13 on, and databases that speak its SQL."""

    name = "postgresql"
    plans_by_values = True
    sums = PostgresqlSums()
    language = POSTGRESQL
    position = ID

    def placeholder(self, number: int, kind: Kind | None, *, many: bool) -> str:
        if kind is None:
            return f"${number}"
        return f"${number}::{kind.postgresql.lower()}{'[]' if many else ''}"

    def converter(self, kind: Kind, *, many: bool) -> Callable[[Any], Any] | None:
        """Return None: asyncpg takes Python's values."""

    def distinct(self, left: str, right: str) -> str:
        return f"{left} is distinct from {right}"

    def indexes_nulls(self, key: Sorting) -> bool:
        return key.nulls_first is key.descending

    def month_day(self, sql: str) -> str:
        return f"to_char({sql}, 'MM-DD')"

    def member(self, sql: str, key: str) -> str:
        return f"{sql} ->> '{key}'"

    def among(self, sql: str, placeholder: str) -> str:
        return f"{sql} = any({placeholder})"

    def ids(self, placeholder: str) -> str:
        return f"any({placeholder})"

    def ids_of(self, select: str) -> str:
        return f"any(array(select c.id from ({select}) c))"

    def rows_of(self, select: str) -> str:
        # Sooner made, and sooner read, than JSON.
        return f"array(select array[c.id::text, c.whose::text, c.value::text] from ({select}) c)"

    def rows_in(self, value: Any) -> Sequence[Sequence[str | None]]:
        rows: Sequence[Sequence[str | None]] = value
        return rows

    def day(self, sql: str, zone: str) -> str:
        return f"({sql} at time zone {zone})::date"

    def period(self, day: str, grain: str) -> str:
        # By a timestamp: date_trunc would take a date for an instant of the session's time zone.
        return day if grain == "day" else f"date_trunc('{grain}', ({day})::timestamp)::date"

    def pattern(self, operator: str) -> Callable[[str], str]:
        before = "" if operator == "startsWith" else "%"
        after = "" if operator == "endsWith" else "%"
        return lambda text: before + _SPECIAL.sub(r"\\\1", text) + after

    def matches(self, operator: str, sql: str, placeholder: str) -> str:  # noqa: ARG002 - the pattern says it
        return f"{sql} ilike {placeholder}"

    def statement(self, roots: Sequence[Node]) -> str:
        return "select " + ", ".join(Json().root(root) for root in roots)

    def too_complex(self, error: Exception) -> bool:
        # Class 54: program limit exceeded.
        return str(getattr(error, "sqlstate", "")).startswith("54")

    def hits(self, hit: Hit) -> str:
        return hits(hit)

    def places(self, bind: Callable[[Callable[[Mapping[UUID, int]], Any], Kind, bool], str]) -> str:
        ids, places = bind(list, ID, True), bind(lambda found: list(found.values()), INT, True)
        return f"select u.id, u.place from unnest({ids}, {places}) u(id, place)"

    def lines(self, sql: str) -> str:
        return f"string_agg({sql}, chr(10))"

    def beside(self, outer: str, rows: Rows, columns: Sequence[str], tail: str, alias: str) -> str:
        names = ", ".join(f"{rows.alias}.{name}" for name in columns)
        return f"{outer} cross join lateral (select {names}{tail}) {alias}"

    def records(self, one: OneOf) -> str:
        return Json().records(one)
