"""For which columns the index was made: what plugins have searched since then is not in it yet."""

from __future__ import annotations

from collections.abc import Iterable

from crmcore.database import Database
from crmcore.entities.registry import Entities
from crmcore.entities.searched import Part

__all__ = ["outdated", "remember", "settle"]

#: Changes when the terms of the same text do.
_TERMS = "1"
_REMEMBER = (
    "insert into crm_search_state (entity, columns) values ($1, $2) "
    "on conflict (entity) do update set columns = excluded.columns"
)


async def outdated(database: Database, entities: Entities) -> list[str]:
    """Return the names of entities whose records the index has by other columns than are declared, or not at all."""
    known = dict(await database.fetch("select entity, columns from crm_search_state"))
    return [name for name, parts in entities.searched.items() if known.get(name) != _signature(parts)]


async def settle(database: Database, entities: Entities) -> list[str]:
    """Take note of entities that have no records yet, for which nothing need be indexed; return the others outdated."""
    stale = await outdated(database, entities)
    empty = [name for name in stale if not await database.fetch(f"select 1 from {entities[name].tablename} limit 1")]
    await remember(database, entities, empty)
    return [name for name in stale if name not in empty]


async def remember(database: Database, entities: Entities, names: Iterable[str]) -> None:
    """Take note that the index is as declared for these entities."""
    if rows := [(name, _signature(entities.searched[name])) for name in names]:
        await database.execute_many(_REMEMBER, rows)


def _signature(parts: Iterable[Part]) -> str:
    columns = sorted(
        f"{part.entity.name}.{column}{' prose' if part.prose(column) else ''}"
        for part in parts
        for column in part.columns
    )
    return ", ".join([_TERMS, *columns])
