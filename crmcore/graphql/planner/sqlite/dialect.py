"""SQLite's operators and values; its JSON is made in `json`."""

from __future__ import annotations

import json
import re
import sqlite3
from collections.abc import Callable, Mapping, Sequence
from typing import Any
from uuid import UUID

import msgspec

from crmcore.entities.kinds import BIGINT, TEXT, Kind
from crmcore.graphql.planner.dialect import Dialect
from crmcore.graphql.planner.feeds.hit import Hit
from crmcore.graphql.planner.plan import Node, OneOf, Page, Rows, Sorting
from crmcore.graphql.planner.sqlite.hits import hits
from crmcore.graphql.planner.sqlite.json import JsonText
from crmcore.graphql.planner.sqlite.sums import SqliteSums
from crmcore.search.asked import SQLITE

__all__ = ["Sqlite"]

_FOUND = re.compile(r"(\w+)\.id in \(select f\.value from json_each\((\$\d+)\) f\)").fullmatch
_TOO_COMPLEX = ("parser stack overflow", "tables in a join", "Expression tree is too large", "too many", "too big")


class Sqlite(Dialect):
    """SQLite from 3.38 on; `Database` gives its connections the functions `crm_fold` and `crm_float`."""

    name = "sqlite"
    plans_by_values = False
    sums = SqliteSums()
    language = SQLITE
    position = BIGINT

    def placeholder(self, number: int, kind: Kind | None, *, many: bool) -> str:  # noqa: ARG002 - values have types here
        return f"${number}"

    def converter(self, kind: Kind, *, many: bool) -> Callable[[Any], Any] | None:
        if not many:
            return None
        return lambda values: json.dumps([kind.write(value) for value in values])

    def distinct(self, left: str, right: str) -> str:
        return f"{left} is not {right}"

    def indexes_nulls(self, key: Sorting) -> bool:  # noqa: ARG002 - SQLite goes through an index twice for the other place
        return True

    def month_day(self, sql: str) -> str:
        return f"substr({sql}, 6)"

    def member(self, sql: str, key: str) -> str:
        return f"json_extract({sql}, '$.{key}')"

    def among(self, sql: str, placeholder: str) -> str:
        return f"{sql} in (select value from json_each({placeholder}))"

    def found(self, alias: str, ids: str) -> str:
        return f"{alias}.id in (select f.value from json_each({ids}) f)"

    def ids(self, placeholder: str) -> str:
        return f"json_each({placeholder})"

    def ids_of(self, select: str) -> str:
        return f"(select c.id as value from ({select}) c)"

    def rows_of(self, select: str) -> str:
        return f"(select json_group_array(json_array(c.id, c.whose, c.value)) from ({select}) c)"

    def rows_in(self, value: Any) -> Sequence[Sequence[str | None]]:
        rows: Sequence[Sequence[str | None]] = msgspec.json.decode(value)
        return rows

    def only_found(self, rows: Rows, ids: str) -> bool:
        return super().only_found(rows, ids) or rows.table.startswith(_leader(ids, rows.alias))

    def led(self, rows: Rows) -> Rows:
        # Any index but the key's looks better to SQLite than `in (select …)`, however many rows it leads to.
        found = next(filter(None, map(_FOUND, rows.where)), None)
        if found is None or found[1] != rows.alias:
            return rows
        ways = (f"{rows.alias}.id = {rows.alias}_f.value" if way == found[0] else way for way in rows.where)
        return Rows(f"{_leader(found[2], rows.alias)}{rows.table}", rows.alias, tuple(ways))

    def day(self, sql: str, zone: str) -> str:
        return f"crm_day({sql}, {zone})"

    def period(self, day: str, grain: str) -> str:
        match grain:
            case "week":
                # On to Sunday, which may be that day, and back to its Monday.
                return f"date({day}, 'weekday 0', '-6 days')"
            case "month":
                return f"substr({day}, 1, 8) || '01'"
            case "quarter":
                return f"substr({day}, 1, 5) || printf('%02d-01', (substr({day}, 6, 2) - 1) / 3 * 3 + 1)"
            case "year":
                return f"substr({day}, 1, 5) || '01-01'"
        return day

    def pattern(self, operator: str) -> Callable[[str], str]:  # noqa: ARG002 - the condition says it
        return str.casefold

    def matches(self, operator: str, sql: str, placeholder: str) -> str:
        # Not by LIKE: it folds ASCII letters only.
        folded = f"crm_fold({sql})"
        if operator == "contains":
            return f"instr({folded}, {placeholder}) > 0"
        if operator == "startsWith":
            return f"substr({folded}, 1, length({placeholder})) = {placeholder}"
        # substr(x, -0) would be the whole text.
        return f"({placeholder} = '' or substr({folded}, -length({placeholder})) = {placeholder})"

    def statement(self, roots: Sequence[Node]) -> str:
        texts = [JsonText().root(root) for root in roots]
        # A page is an aggregate, so its select has one row in any case and need not stand in another one.
        alone = len(roots) == 1 and isinstance(roots[0], Page) and texts[0].startswith("(select ")
        return texts[0][1:-1] if alone else f"select {', '.join(texts)}"

    def too_complex(self, error: Exception) -> bool:
        return isinstance(error, sqlite3.OperationalError) and any(words in str(error) for words in _TOO_COMPLEX)

    def hits(self, hit: Hit) -> str:
        return hits(hit)

    def places(self, bind: Callable[[Callable[[Mapping[UUID, int]], Any], Kind, bool], str]) -> str:
        given = bind(lambda places: json.dumps({str(id): place for id, place in places.items()}), TEXT, False)
        return f"select key as id, value as place from json_each({given})"

    def lines(self, sql: str) -> str:
        return f"group_concat({sql}, char(10))"

    def beside(self, outer: str, rows: Rows, columns: Sequence[str], tail: str, alias: str) -> str:  # noqa: ARG002 - all of them
        return f"{outer} join {rows.table} {alias} on {alias}.id in (select {rows.alias}.id{tail})"

    def records(self, one: OneOf) -> str:
        return JsonText().select(one, f"{one.rows.alias}.id, ")


def _leader(ids: str, alias: str) -> str:
    """Return what the rows `alias` are joined to so that SQLite begins with those of some ids."""
    # A cross join keeps the order in which the tables stand.
    return f"json_each({ids}) {alias}_f cross join "
