"""Many values by one statement, in either dialect."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec
from piccolo.table import Table

from crmcore import Database, columns, ids, instants, kinds

__all__ = ["among", "as_instant", "as_uuid", "change_many", "insert_many", "members_of"]


def among(dialect: str, column: str, place: int, type: str = "uuid") -> str:
    """Return the condition that a column is one of the values of a list parameter; `type` is PostgreSQL's word for them."""
    if dialect == "sqlite":
        return f"{column} in ({members_of(dialect, place)})"
    return f"{column} = any(${place}::{type}[])"


def members_of(dialect: str, place: int, type: str = "uuid") -> str:
    """Return a sub-select of a list parameter's members, for use as `x in (<it>)`; `type` is PostgreSQL's word."""
    if dialect == "sqlite":
        return f"select value from json_each(${place})"
    return f"select unnest(${place}::{type}[])"


def as_uuid(value: Any) -> UUID:
    """Return an id that a statement computed: SQLite knows the type of columns only."""
    return value if isinstance(value, UUID) else ids.read(value)


def as_instant(value: Any) -> datetime:
    """Return an instant that a statement computed, likewise."""
    return instants.parse(value) if isinstance(value, str) else value


async def insert_many(
    database: Database, table: type[Table], rows: Sequence[Mapping[str, Any]], also: str = ""
) -> None:
    """Write many new rows that have the same columns; `also` is what follows, as in `on conflict do nothing`."""
    if not rows:
        return
    types, name = _types(table, rows[0]), table._meta.tablename
    if not also:
        await database.load(name, list(types), [[row[column] for column in types] for row in rows])
        return
    listed = ", ".join(types)
    if database.dialect == "sqlite":
        places = ", ".join(f"${n}" for n in range(1, len(types) + 1))
        await database.execute_many(f"insert into {name} ({listed}) values ({places}) {also}", _each(types, rows))
        return
    sql = f"insert into {name} ({listed}) select {listed} from {_read(types)} {also}"
    await database.execute(sql, _written(types, rows))


async def change_many(database: Database, table: type[Table], rows: Sequence[Mapping[str, Any]]) -> None:
    """Change many rows, each given by its `id` and the same columns."""
    if not rows:
        return
    types, name = _types(table, rows[0]), table._meta.tablename
    changed = [column for column in types if column != "id"]
    if database.dialect == "sqlite":
        order = {"id": types["id"]} | {column: types[column] for column in changed}
        sets = ", ".join(f"{column} = ${n}" for n, column in enumerate(changed, 2))
        await database.execute_many(f"update {name} set {sets} where id = $1", _each(order, rows))
        return
    sets = ", ".join(f"{column} = v.{column}" for column in changed)
    sql = f"update {name} as t set {sets} from {_read(types)} where t.id = v.id"
    await database.execute(sql, _written(types, rows))


def _types(table: type[Table], row: Mapping[str, Any]) -> dict[str, str]:
    found = {column._meta.db_column_name: columns.facts(column).kind for column in table._meta.columns}
    return {name: found[name].postgresql for name in row}


def _read(types: Mapping[str, str]) -> str:
    typed = ", ".join(f"{name} {type}" for name, type in types.items())
    return f"json_to_recordset($1::text::json) as v({typed})"


def _written(types: Mapping[str, str], rows: Sequence[Mapping[str, Any]]) -> str:
    """Return rows as one JSON text: a list for each column takes three times as long to write."""
    texts = [name for name, type in types.items() if type == kinds.JSON.postgresql]
    if texts:
        rows = [{**row, **{name: _raw(row[name]) for name in texts}} for row in rows]
    return _encode(rows).decode()


def _raw(value: Any) -> msgspec.Raw | None:
    return None if value is None else msgspec.Raw(_value(kinds.JSON.postgresql, value).encode())


_encode = msgspec.json.Encoder().encode


def _each(types: Mapping[str, str], rows: Sequence[Mapping[str, Any]]) -> list[list[Any]]:
    return [[_value(type, row[name]) for name, type in types.items()] for row in rows]


def _value(type: str, value: Any) -> Any:
    if type != kinds.JSON.postgresql or value is None or isinstance(value, str):
        return value
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"), default=_plain)


def _plain(value: Any) -> str:
    return instants.wire(value) if isinstance(value, datetime) else str(value)
