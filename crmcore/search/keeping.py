"""Keeping the index while records are written: each function belongs to the transaction that writes them."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import Any
from uuid import UUID

from crmcore.database import Database
from crmcore.database.arrays import members
from crmcore.entities.entity import Entity
from crmcore.entities.going import going
from crmcore.entities.registry import Entities
from crmcore.entities.searched import Part
from crmcore.search.entry import TABLE, keep_sql, terms_of

__all__ = ["changed", "forget", "refresh", "written"]


async def written(database: Database, entities: Entities, entity: Entity, rows: Iterable[Mapping[str, Any]]) -> None:
    """Take note of rows that were made by others than `store.insert`, or that tell how another record is found."""
    if entity.searched:
        link = entity.found_as or "id"
        await refresh(database, entities, _found_as(entity), dict.fromkeys(row[link] for row in rows))


async def changed(
    database: Database, entities: Entities, entity: Entity, rows: Iterable[Mapping[str, Any]], columns: Collection[str]
) -> None:
    """Take note that some columns of a row have changed; `rows` is the row as it was and as it is."""
    told = (*entity.searched, "deleted_at", entity.found_as) if entity.found_as else entity.searched
    if not set(told).isdisjoint(columns):
        await written(database, entities, entity, rows)


async def refresh(database: Database, entities: Entities, name: str, ids: Iterable[UUID]) -> None:
    """Write the entries of records of one entity anew, from all that they are found under."""
    wanted = list(ids)
    found: dict[UUID, list[tuple[Part, Mapping[str, Any]]]] = {id: [] for id in wanted}
    for part in entities.searched[name] if wanted else ():
        for row in await _rows(database, part, wanted):
            found[row["crm_found"]].append((part, row))
    entries = [(name, id, terms_of(rows)) for id, rows in found.items()]
    if entries:
        await database.execute_many(keep_sql(database.dialect), entries)


async def forget(database: Database, entities: Entities, entity: Entity, id: UUID) -> None:
    """Drop the entries of a record that is about to be destroyed, and of all that goes with it.

    A record that was found under a row that goes is looked at again by whoever lets that row go.
    """
    ways = [
        f"(entity = '{kind.name}' and record_id in ({ids}))"
        for kind, ids in going(entities, entity, "$1::uuid" if database.dialect == "postgresql" else "$1")
        if kind.name in entities.searched
    ]
    if ways:
        await database.execute(f"delete from {TABLE} where {' or '.join(ways)}", id)


def _found_as(entity: Entity) -> str:
    return entity.facts[entity.found_as].target or entity.name if entity.found_as else entity.name


async def _rows(database: Database, part: Part, ids: list[UUID]) -> list[dict[str, Any]]:
    columns = "".join(f", t.{column}" for column in part.columns)
    link = part.link or "id"
    live = " and t.deleted_at is null" if part.link and part.entity.soft_delete else ""
    sql = (
        f"select t.{link} as crm_found{columns} from {part.entity.tablename} t "
        f"where t.{link} in ({members(database.dialect, '$1', 'uuid')}){live}"
    )
    return await database.fetch_dicts(sql, ids)
