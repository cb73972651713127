"""The one seam where rows are written and read as values; sealing of columns will stand here.

Statements are made once per set of columns. Values are always bound; names come from declarations only.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from typing import Any
from uuid import UUID

from crmcore.database import Database
from crmcore.entities.entity import Entity
from crmcore.entities.kinds import JSON

__all__ = ["Row", "bound", "delete", "insert", "insert_many", "read", "select", "update"]

#: A record as Python values by column name.
Row = dict[str, Any]


@lru_cache(maxsize=4096)
def _insert_sql(table: str, columns: tuple[str, ...]) -> str:
    places = ", ".join(f"${n}" for n in range(1, len(columns) + 1))
    return f"insert into {table} ({', '.join(columns)}) values ({places})"


@lru_cache(maxsize=4096)
def _update_sql(table: str, columns: tuple[str, ...]) -> str:
    sets = ", ".join(f"{c} = ${n}" for n, c in enumerate(columns, 3))
    return f"update {table} set {sets} where id = $1 and version = $2"


def bound(entity: Entity, columns: Iterable[str], values: Mapping[str, Any]) -> list[Any]:
    """Return the values of some columns as the driver takes them."""
    return [_write(entity, c, values[c]) for c in columns]


def _write(entity: Entity, column: str, value: Any) -> Any:
    if value is not None and entity.facts[column].kind is JSON:
        return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    return value


def read(entity: Entity, raw: Mapping[str, Any]) -> Row:
    """Turn a row as the driver gives it into Python values."""
    row = dict(raw)
    for column, said in entity.facts.items():
        if said.kind is JSON and isinstance(row.get(column), str):
            row[column] = json.loads(row[column])
    return row


async def insert(database: Database, entity: Entity, row: Mapping[str, Any]) -> None:
    """Write one new row; columns that are absent take the database's default."""
    columns = tuple(row)
    await database.execute(_insert_sql(entity.tablename, columns), *bound(entity, columns, row))


async def insert_many(database: Database, entity: Entity, rows: Sequence[Mapping[str, Any]]) -> None:
    """Write many new rows that have the same columns."""
    if rows:
        columns = tuple(rows[0])
        await database.execute_many(_insert_sql(entity.tablename, columns), [bound(entity, columns, r) for r in rows])


async def update(database: Database, entity: Entity, id: UUID, version: int, values: Mapping[str, Any]) -> bool:
    """Change a row if it still has `version`; say whether it had."""
    columns = tuple(values)
    sql = _update_sql(entity.tablename, columns)
    return await database.execute(sql, id, version, *bound(entity, columns, values)) == 1


async def delete(database: Database, entity: Entity, id: UUID) -> None:
    """Remove a row for ever."""
    await database.execute(f"delete from {entity.tablename} where id = $1", id)


async def select(database: Database, entity: Entity, where: str, *params: Any) -> list[Row]:
    """Read rows by a condition over the alias `t`, with `$1…` for the parameters."""
    raw = await database.fetch_dicts(f"select t.* from {entity.tablename} t where {where}", *params)
    return [read(entity, r) for r in raw]
