"""Triggers that keep counts and sums of a table's live rows, so that nobody has to scan it for them.

SQLite has one writer, so there each group is one row that is changed in place. On PostgreSQL that row would be where all
transactions meet, so each statement adds a row with the difference it made, and `folded` puts them together later.
"""

from __future__ import annotations

from collections.abc import Iterable

from crmcore.database.ddl import quote, quoted
from crmcore.database.schema import TableSpec, Totals, short

__all__ = ["drop", "fill", "folding", "keep", "trigger_names"]

_EVENTS = ("insert", "update", "delete")
_ROWS = '"rows"'


def trigger_names(totals: Totals) -> tuple[str, ...]:
    """Return what the triggers are called."""
    return tuple(short(f"{totals.table}_{event}") for event in _EVENTS)


def keep(dialect: str, table: TableSpec, totals: Totals) -> list[str]:
    """Return the statements that make the triggers."""
    if dialect == "sqlite":
        return [_sqlite(table, totals, event) for event in _EVENTS]
    return [_function(table, totals), *(_postgresql(table, totals, event) for event in _EVENTS)]


def fill(table: TableSpec, totals: Totals) -> str:
    """Return the statement that counts the rows there are."""
    columns = quoted(totals.by)
    sums = "".join(f", coalesce(sum({quote(c)}), 0)" for c in totals.sums)
    live = f" where {_live(table, '')}"
    return f"insert into {_into(totals)} select {columns}, count(*){sums} from {quote(table.name)}{live} group by {columns}"


def drop(dialect: str, table: str, totals: Totals) -> list[str]:
    """Return the statements that take the triggers away."""
    if dialect == "sqlite":
        return [f"drop trigger {quote(name)}" for name in trigger_names(totals)]
    triggers = [f"drop trigger {quote(name)} on {quote(table)}" for name in trigger_names(totals)]
    return [*triggers, drop_function(totals)]


def drop_function(totals: Totals) -> str:
    """Return PostgreSQL's statement that takes away what the triggers call."""
    return f"drop function {_function_name(totals)}()"


def folding(dialect: str, totals: Totals) -> str:
    """Return the statement that leaves one row of each group, and none of groups without rows."""
    name, columns = quote(totals.table), quoted(totals.by)
    if dialect == "sqlite":
        return f"delete from {name} where {_nothing(totals)}"
    sums = "".join(f", sum({quote(c)})::bigint as {quote(c)}" for c in totals.sums)
    return (
        f"with gone as (delete from {name} returning *), "
        f"whole as (select {columns}, sum({_ROWS})::bigint as {_ROWS}{sums} from gone group by {columns}) "
        f"insert into {_into(totals)} select {quoted(totals.by)}, {_ROWS}{_listed(totals.sums)} from whole where not ({_nothing(totals)})"
    )


def _sqlite(table: TableSpec, totals: Totals, event: str) -> str:
    name, on = quote(short(f"{totals.table}_{event}")), quote(table.name)
    changes = {"insert": [("new", "+")], "update": [("old", "-"), ("new", "+")], "delete": [("old", "-")]}[event]
    watched = [*totals.by, *totals.sums, *(["deleted_at"] if table.column("deleted_at") else [])]
    when = " or ".join(f"old.{quote(c)} is not new.{quote(c)}" for c in watched)
    body = "".join(_changed(table, totals, row, sign) for row, sign in changes)
    of = f" of {quoted(watched)}" if event == "update" else ""
    condition = f" when {when}" if event == "update" else ""
    return f"create trigger {name} after {event}{of} on {on}{condition} begin {body}end"


def _changed(table: TableSpec, totals: Totals, row: str, sign: str) -> str:
    name, live = quote(totals.table), _live(table, f"{row}.")
    same = " and ".join(f"{quote(c)} is {row}.{quote(c)}" for c in totals.by)
    values = ", ".join([*(f"{row}.{quote(c)}" for c in totals.by), "0", *("0" for _ in totals.sums)])
    sums = "".join(f", {quote(c)} = {quote(c)} {sign} coalesce({row}.{quote(c)}, 0)" for c in totals.sums)
    return (
        f"insert into {_into(totals)} select {values} where {live} and not exists (select 1 from {name} where {same}); "
        f"update {name} set {_ROWS} = {_ROWS} {sign} 1{sums} where {live} and {same}; "
    )


def _function(table: TableSpec, totals: Totals) -> str:
    live = _live(table, "")
    added = _difference(totals, "select {columns}, 1 as n{sums} from added where " + live)
    removed = _difference(totals, "select {columns}, -1 as n{minus} from removed where " + live)
    both = _difference(
        totals,
        f"select {{columns}}, -1 as n{{minus}} from removed where {live} "
        f"union all select {{columns}}, 1 as n{{sums}} from added where {live}",
    )
    return (
        f"create function {_function_name(totals)}() returns trigger language plpgsql as $totals$ begin "
        f"if tg_op = 'INSERT' then {added}; elsif tg_op = 'DELETE' then {removed}; else {both}; end if; "
        "return null; end $totals$"
    )


def _difference(totals: Totals, rows: str) -> str:
    columns = quoted(totals.by)
    plus = "".join(f", coalesce({quote(c)}, 0) as {quote(c)}" for c in totals.sums)
    minus = "".join(f", -coalesce({quote(c)}, 0) as {quote(c)}" for c in totals.sums)
    each = rows.format(columns=columns, sums=plus, minus=minus)
    sums = "".join(f", sum(d.{quote(c)})::bigint" for c in totals.sums)
    changed = " or ".join(["sum(d.n) <> 0", *(f"sum(d.{quote(c)}) <> 0" for c in totals.sums)])
    return f"insert into {_into(totals)} select {columns}, sum(d.n)::bigint{sums} from ({each}) d group by {columns} having {changed}"


def _postgresql(table: TableSpec, totals: Totals, event: str) -> str:
    tables = {"insert": "new table as added", "delete": "old table as removed"}
    seen = tables.get(event) or f"{tables['delete']} {tables['insert']}"
    return (
        f"create trigger {quote(short(f'{totals.table}_{event}'))} after {event} on {quote(table.name)} "
        f"referencing {seen} for each statement execute function {_function_name(totals)}()"
    )


def _function_name(totals: Totals) -> str:
    return quote(short(f"{totals.table}_keep"))


def _into(totals: Totals) -> str:
    return f"{quote(totals.table)} ({quoted(totals.by)}, {_ROWS}{_listed(totals.sums)})"


def _listed(columns: Iterable[str]) -> str:
    return "".join(f", {quote(c)}" for c in columns)


def _nothing(totals: Totals) -> str:
    return " and ".join(f"{c} = 0" for c in (_ROWS, *map(quote, totals.sums)))


def _live(table: TableSpec, row: str) -> str:
    return f"{row}{quote('deleted_at')} is null" if table.column("deleted_at") else "1 = 1"
