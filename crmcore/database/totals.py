"""Triggers that keep counts and sums of a table's live rows, so that nobody has to scan it for them.

SQLite has one writer, so there each group is one row that is changed in place. On PostgreSQL that row would be where all
transactions meet, so each statement adds a row with the difference it made, and `folding` puts them together later.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from crmcore.database.ddl import quote, quoted
from crmcore.database.schema import TableSpec, Totals, short

__all__ = ["drop", "fill", "folding", "keep", "trigger_names"]

_EVENTS = ("insert", "update", "delete")


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
    columns, sums = quoted(totals.by), ", ".join(f"sum({value})" for value in _values(totals, ""))
    rows = f"from {quote(table.name)} where {_live(table, '')} group by {columns}"
    return f"insert into {_into(totals)} select {columns}, {sums} {rows}"


def drop(dialect: str, table: str, totals: Totals) -> list[str]:
    """Return the statements that take the triggers away."""
    if dialect == "sqlite":
        return [f"drop trigger {quote(name)}" for name in trigger_names(totals)]
    triggers = [f"drop trigger {quote(name)} on {quote(table)}" for name in trigger_names(totals)]
    return [*triggers, f"drop function {_function_name(totals)}()"]


def folding(dialect: str, totals: Totals) -> str:
    """Return the statement that leaves one row of each group, and none of groups without rows."""
    name, columns = quote(totals.table), quoted(totals.by)
    nothing = " and ".join(f"{quote(c)} = 0" for c in totals.counters)
    if dialect == "sqlite":
        return f"delete from {name} where {nothing}"
    sums = ", ".join(f"sum({quote(c)})::bigint as {quote(c)}" for c in totals.counters)
    return (
        f"with gone as (delete from {name} returning *), "
        f"whole as (select {columns}, {sums} from gone group by {columns}) "
        f"insert into {_into(totals)} select {columns}, {quoted(totals.counters)} from whole where not ({nothing})"
    )


def _sqlite(table: TableSpec, totals: Totals, event: str) -> str:
    name, on = quote(short(f"{totals.table}_{event}")), quote(table.name)
    changes = {"insert": [("new", "+")], "update": [("old", "-"), ("new", "+")], "delete": [("old", "-")]}[event]
    body = "".join(_changed(table, totals, row, sign) for row, sign in changes)
    if event != "update":
        return f"create trigger {name} after {event} on {on} begin {body}end"
    watched = [*totals.by, *totals.sums, *(["deleted_at"] if table.column("deleted_at") else [])]
    when = " or ".join(f"old.{quote(c)} is not new.{quote(c)}" for c in watched)
    return f"create trigger {name} after update of {quoted(watched)} on {on} when {when} begin {body}end"


def _changed(table: TableSpec, totals: Totals, row: str, sign: str) -> str:
    name, live = quote(totals.table), _live(table, f"{row}.")
    same = " and ".join(f"{quote(c)} is {row}.{quote(c)}" for c in totals.by)
    empty = ", ".join([*(f"{row}.{quote(c)}" for c in totals.by), *("0" for _ in totals.counters)])
    pairs = zip(totals.counters, _values(totals, f"{row}."), strict=True)
    sets = ", ".join(f"{quote(c)} = {quote(c)} {sign} {value}" for c, value in pairs)
    return (
        f"insert into {_into(totals)} select {empty} where {live} and not exists (select 1 from {name} where {same}); "
        f"update {name} set {sets} where {live} and {same}; "
    )


def _function(table: TableSpec, totals: Totals) -> str:
    def rows(source: str, sign: str) -> str:
        pairs = zip(totals.counters, _values(totals, ""), strict=True)
        values = ", ".join(f"{sign}{value} as {quote(c)}" for c, value in pairs)
        return f"select {quoted(totals.by)}, {values} from {source} where {_live(table, '')}"

    added, removed = rows("added", ""), rows("removed", "-")
    insert, delete, update = map(_adding(totals), (added, removed, f"{removed} union all {added}"))
    return (
        f"create function {_function_name(totals)}() returns trigger language plpgsql as $totals$ begin "
        f"if tg_op = 'INSERT' then {insert}; elsif tg_op = 'DELETE' then {delete}; else {update}; end if; "
        "return null; end $totals$"
    )


def _adding(totals: Totals) -> Callable[[str], str]:
    sums = [f"sum(d.{quote(c)})" for c in totals.counters]
    columns, values = quoted(totals.by), ", ".join(f"{s}::bigint" for s in sums)
    changed = " or ".join(f"{s} <> 0" for s in sums)

    def adding(rows: str) -> str:
        grouped = f"from ({rows}) d group by {columns} having {changed}"
        return f"insert into {_into(totals)} select {columns}, {values} {grouped}"

    return adding


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
    return f"{quote(totals.table)} ({quoted(totals.by)}, {quoted(totals.counters)})"


def _values(totals: Totals, row: str) -> Iterator[str]:
    """Yield what a row adds to each counter."""
    yield "1"
    for column in totals.sums:
        yield f"coalesce({row}{quote(column)}, 0)"
        yield f"(case when {row}{quote(column)} is null then 0 else 1 end)"


def _live(table: TableSpec, row: str) -> str:
    return f"{row}{quote('deleted_at')} is null" if table.column("deleted_at") else "1 = 1"
