"""Making the index anew from the records, a few at a time, while people work."""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

from crmcore.database import Database
from crmcore.entities.registry import Entities
from crmcore.search.entry import TABLE
from crmcore.search.keeping import refresh
from crmcore.search.state import remember

__all__ = ["rebuild"]

_BATCH = 500


async def rebuild(database: Database, entities: Entities, progress: Callable[[int, int], None]) -> int:
    """Index all records that can be found, and drop the entries of those that cannot any more.

    Each batch is a transaction of its own, run again if somebody writes the same records meanwhile; so nothing that is
    written is missed, and nobody waits for long.

    Args:

        database: with the records.
        entities: all entities.
        progress: called with the records indexed so far and how many there are.

    Returns:

        How many records were indexed.
    """
    counts = [await database.fetch_value(f"select count(*) from {entities[n].tablename}") for n in entities.searched]
    total, done = sum(counts), 0
    for name in entities.searched:
        last: UUID | None = None
        while ids := await _next(database, entities, name, last):
            await _index(database, entities, name, ids)
            last = ids[-1]
            done += len(ids)
            progress(done, total)
        await _drop_gone(database, entities, name)
        await remember(database, entities, [name])
    await _drop_others(database, entities)
    return done


async def _next(database: Database, entities: Entities, name: str, last: UUID | None) -> list[UUID]:
    table, after = entities[name].tablename, "" if last is None else " where id > $1"
    sql = f"select id from {table}{after} order by id limit {_BATCH}"
    return [id for (id,) in await database.fetch(sql, *([] if last is None else [last]))]


async def _index(database: Database, entities: Entities, name: str, ids: list[UUID]) -> None:
    async def unit() -> None:
        async with database.transaction():
            await refresh(database, entities, name, ids)

    await database.retrying(unit)


async def _drop_gone(database: Database, entities: Entities, name: str) -> None:
    gone = f"not exists (select 1 from {entities[name].tablename} t where t.id = {TABLE}.record_id)"
    await database.execute(f"delete from {TABLE} where entity = $1 and {gone}", name)


async def _drop_others(database: Database, entities: Entities) -> None:
    known = ", ".join(f"'{name}'" for name in entities.searched) or "''"
    await database.execute(f"delete from {TABLE} where entity not in ({known})")
