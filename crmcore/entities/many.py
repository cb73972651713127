"""Statements about many rows of one entity: on PostgreSQL one each, with a list for every column; new rows are loaded."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any
from uuid import UUID

from crmcore.database import Database
from crmcore.database.arrays import members
from crmcore.entities import sealed, store
from crmcore.entities.entity import Entity
from crmcore.entities.kinds import JSON
from crmcore.entities.store import Row
from crmcore.search.entry import keep_many_sql, keep_sql, own_terms

__all__ = ["change_many", "count", "equal", "having", "insert_many", "least", "reseal", "select_any", "select_equal"]


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
    new = rows if entity.seal is None else await sealed.to_write(database, entity, [(None, row) for row in rows])
    await database.load(entity.tablename, columns, list(zip(*_lists(entity, columns, new), strict=True)))
    if entity.seal is not None:
        await sealed.tell(database, entity, [(None, dict(row)) for row in rows])
    if store.is_found(entity):
        told = entries or {}
        await _keep(database, [(entity.name, row["id"], told.get(row["id"]) or own_terms(entity, row)) for row in rows])


async def change_many(database: Database, entity: Entity, changes: Mapping[UUID, Mapping[str, Any]]) -> None:
    """Write some columns of many rows."""
    if entity.seal is None or all(sealed.heard(entity).isdisjoint(values) for values in changes.values()):
        await _change_many(database, entity, changes)
    else:
        rows = await select_any(database, entity, ("id",), [(id,) for id in changes])
        await reseal(database, entity, {row["id"]: (row, changes[row["id"]]) for row in rows})


async def reseal(database: Database, entity: Entity, changes: Mapping[UUID, tuple[Row, Mapping[str, Any]]]) -> None:
    """Write some columns of many rows whose seal hears of it: each row, whole and open, with what is written of it."""
    told = list(changes.values())
    written = await sealed.to_write(database, entity, told) if told else []
    await _change_many(database, entity, dict(zip(changes, written, strict=True)))
    await sealed.tell(database, entity, [(before, {**before, **values}) for before, values in told])


async def _change_many(database: Database, entity: Entity, changes: Mapping[UUID, Mapping[str, Any]]) -> None:
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
    if not entity.sealed.isdisjoint(columns):
        return await _select_sealed(database, entity, columns, wanted)
    if database.dialect == "sqlite":
        parts = ", ".join(f"json_extract(value, '$[{n}]')" for n in range(len(columns)))
        found, lists = f"select {parts} from json_each($1)", [[list(values) for values in wanted]]
    else:
        kinds = [entity.facts[column].kind.postgresql.lower() for column in columns]
        found = f"select * from unnest({', '.join(f'${n}::{kind}[]' for n, kind in enumerate(kinds, 1))})"
        lists = [list(column) for column in zip(*wanted, strict=True)]
    names = ", ".join(f"t.{column}" for column in columns)
    return await store.select(database, entity, f"({names}) in ({found}){_live(entity, columns)}", *lists)


async def _select_sealed(
    database: Database, entity: Entity, columns: Sequence[str], wanted: Sequence[Sequence[Any]]
) -> list[Row]:
    place = next(n for n, column in enumerate(columns) if column in entity.sealed)
    ids = await sealed.found(database, entity, columns[place], list(dict.fromkeys(v[place] for v in wanted)))
    rows = await store.select(database, entity, f"{sealed.among(database, 1)}{_live(entity, columns)}", ids)
    among = set(map(tuple, wanted))
    return [row for row in rows if tuple([row[column] for column in columns]) in among]


async def select_equal(database: Database, entity: Entity, equals: Mapping[str, Any]) -> list[Row]:
    """Read the rows with equal columns: live ones, by id alone a deleted one too."""
    conditions, values = await equal(database, entity, equals)
    where = f"{' and '.join(conditions) or '1 = 1'}{_live(entity, tuple(equals))}"
    return await store.select(database, entity, where, *values)


async def equal(database: Database, entity: Entity, equals: Mapping[str, Any]) -> tuple[list[str], list[Any]]:
    """Return conditions over the alias `t` that some columns hold these values, and what is bound from `$1` on.

    Raises:

        Invalid: a column is sealed, and nothing is kept by which it could be looked up.
    """
    conditions: list[str] = []
    values: list[Any] = []
    # The ids lead to the rows. SQLite would rather go by the index of any other column; `+` keeps it from that.
    by_ids = any(equals[column] is not None for column in entity.sealed & equals.keys())
    other = "+t" if by_ids and database.dialect == "sqlite" else "t"
    for column, value in equals.items():
        if value is None:
            conditions.append(f"{other}.{column} is null")
        elif column in entity.sealed:
            values.append(await sealed.found(database, entity, column, [value]))
            conditions.append(sealed.among(database, len(values)))
        else:
            values.append(value)
            conditions.append(f"{other}.{column} = ${len(values)}")
    return conditions, values


async def having(database: Database, entity: Entity, column: str, values: Sequence[Any]) -> list[UUID]:
    """Return the live records that hold one of some values, none null, in a column."""
    if column in entity.sealed:
        return await sealed.found(database, entity, column, values)
    among = members(database.dialect, "$1", entity.facts[column].kind.postgresql.lower())
    sql = f"select t.id from {entity.tablename} t where t.{column} in ({among}){_live(entity, (column,))}"
    return [row["id"] for row in await database.fetch_dicts(sql, list(values))]


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
    texts = [k is JSON or column in entity.sealed for column, k in zip(columns, kinds, strict=True)]
    types = ["text" if text else k.postgresql.lower() for text, k in zip(texts, kinds, strict=True)]
    lists = ", ".join(f"${n}::{type}[]" for n, type in enumerate(types, 1))
    return f"select {shown} from unnest({lists}) as given ({', '.join(columns)})"
