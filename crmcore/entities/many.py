"""Statements about many rows of one entity: on PostgreSQL one each, with a list for every column."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any
from uuid import UUID

from crmcore.database import Database
from crmcore.database.arrays import members
from crmcore.entities import store
from crmcore.entities.entity import Entity
from crmcore.entities.kinds import JSON
from crmcore.entities.store import Row
from crmcore.search.entry import keep_many_sql, keep_sql, own_terms

__all__ = ["change_many", "count", "insert_many", "least", "select_any", "select_equal"]


async def insert_many(
    database: Database, entity: Entity, rows: Sequence[Mapping[str, Any]], *, entries: Mapping[UUID, str] | None = None
) -> None:
    """Write many new rows that have the same columns, and their entries in the index of search.

    Args:

        database: where.
        entity: what they are.
        rows: values by column; columns that are absent take the database's default.
        entries: terms of those that are found under more than their own columns, by id.
    """
    if not rows:
        return
    # What is null in all of them need not be said: it is half of the columns.
    columns = tuple([c for c in rows[0] if _has_default(entity, c) or any(row[c] is not None for row in rows)])
    lists = _lists(entity, columns, rows)
    if database.dialect == "sqlite":
        await database.execute_many(store.insert_sql(entity.tablename, columns), list(zip(*lists, strict=True)))
    else:
        await database.execute(_insert(entity, columns), *lists)
    if store.is_found(entity):
        told = entries or {}
        await _keep(database, [(entity.name, row["id"], told.get(row["id"]) or own_terms(entity, row)) for row in rows])


async def change_many(database: Database, entity: Entity, changes: Mapping[UUID, Mapping[str, Any]]) -> None:
    """Write some columns of many rows."""
    by_columns: dict[tuple[str, ...], list[Row]] = {}
    for id, values in changes.items():
        by_columns.setdefault(tuple(sorted(values)), []).append({"id": id, **values})
    for columns, rows in by_columns.items():
        lists = _lists(entity, ("id", *columns), rows)
        if database.dialect == "sqlite":
            await database.execute_many(_change_one(entity.tablename, columns), list(zip(*lists, strict=True)))
        else:
            await database.execute(_change(entity, columns), *lists)


async def select_any(
    database: Database, entity: Entity, columns: Sequence[str], wanted: Sequence[Sequence[Any]]
) -> list[Row]:
    """Read the rows that hold any of the wanted values, none null, in some columns: live ones, by id alone deleted ones too."""
    if database.dialect == "sqlite":
        parts = ", ".join(f"json_extract(value, '$[{n}]')" for n in range(len(columns)))
        found, lists = f"select {parts} from json_each($1)", [[list(values) for values in wanted]]
    else:
        kinds = [entity.facts[column].kind.postgresql.lower() for column in columns]
        found = f"select * from unnest({', '.join(f'${n}::{kind}[]' for n, kind in enumerate(kinds, 1))})"
        lists = [list(column) for column in zip(*wanted, strict=True)]
    names = ", ".join(f"t.{column}" for column in columns)
    return await store.select(database, entity, f"({names}) in ({found}){_live(entity, columns)}", *lists)


async def select_equal(database: Database, entity: Entity, equals: Mapping[str, Any]) -> list[Row]:
    """Read the rows with equal columns: live ones, by id alone a deleted one too."""
    given = [(column, value) for column, value in equals.items() if value is not None]
    conditions = [f"t.{column} = ${n}" for n, (column, _) in enumerate(given, 1)]
    conditions += [f"t.{column} is null" for column, value in equals.items() if value is None]
    where = f"{' and '.join(conditions) or '1 = 1'}{_live(entity, tuple(equals))}"
    return await store.select(database, entity, where, *(value for _, value in given))


async def count(database: Database, entity: Entity, ids: list[UUID], condition: str, values: Sequence[Any]) -> int:
    """Count those of some rows, named `t`, that meet a condition, with placeholders from `$2` on."""
    among = members(database.dialect, "$1", "uuid")
    sql = f"select count(*) from {entity.tablename} t where t.id in ({among}) and ({condition})"
    return int(await database.fetch_value(sql, ids, *values))


async def least(database: Database, entity: Entity, column: str, link: str, id: UUID) -> Any:
    """Return the least value of a column among the live rows with a link to a record, None without rows."""
    sql = f"select min(t.{column}) from {entity.tablename} t where t.{link} = $1{_live(entity, (column,))}"
    return await database.fetch_value(sql, id)


async def _keep(database: Database, entries: Sequence[tuple[str, UUID, str]]) -> None:
    if database.dialect == "sqlite":
        await database.execute_many(keep_sql("sqlite"), entries)
    elif entries:
        await database.execute(keep_many_sql(), *map(list, zip(*entries, strict=True)))


def _live(entity: Entity, columns: Sequence[str]) -> str:
    return " and t.deleted_at is null" if entity.soft_delete and tuple(columns) != ("id",) else ""


def _has_default(entity: Entity, column: str) -> bool:
    return entity.facts[column].default not in (None, ...)


def _lists(entity: Entity, columns: Sequence[str], rows: Sequence[Mapping[str, Any]]) -> list[list[Any]]:
    return [store.bound_column(entity, column, [row[column] for row in rows]) for column in columns]


@lru_cache(maxsize=1024)
def _insert(entity: Entity, columns: tuple[str, ...]) -> str:
    return f"insert into {entity.tablename} ({', '.join(columns)}) {_unnested(entity, columns)}"


@lru_cache(maxsize=1024)
def _change(entity: Entity, columns: tuple[str, ...]) -> str:
    sets = ", ".join(f"{column} = told.{column}" for column in columns)
    told = _unnested(entity, ("id", *columns))
    return f"update {entity.tablename} t set {sets} from ({told}) told where t.id = told.id"


@lru_cache(maxsize=1024)
def _change_one(table: str, columns: tuple[str, ...]) -> str:
    return f"update {table} set {', '.join(f'{c} = ${n}' for n, c in enumerate(columns, 2))} where id = $1"


def _unnested(entity: Entity, columns: Sequence[str]) -> str:
    """Return what gives the rows of `_lists`; JSON comes as text."""
    kinds = [entity.facts[column].kind for column in columns]
    shown = ", ".join(f"{c}::jsonb as {c}" if k is JSON else c for c, k in zip(columns, kinds, strict=True))
    lists = ", ".join(f"${n}::{'text' if k is JSON else k.postgresql.lower()}[]" for n, k in enumerate(kinds, 1))
    return f"select {shown} from unnest({lists}) as given ({', '.join(columns)})"
