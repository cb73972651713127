"""Which events somebody may read: those of records that they may read, as these are now, or last were if they are gone.

An event says nothing of who might read its record when it happened, and need not: who may read a record now may read its
past. Field rules are the concern of whoever shows the event.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from typing import TYPE_CHECKING
from uuid import UUID

from crmcore.access.actor import Actor
from crmcore.access.bound import EVERY_ROW, bound_rule
from crmcore.access.rules import NO_ROW, reaches
from crmcore.database import Database
from crmcore.database.arrays import members
from crmcore.entities.entity import Entity
from crmcore.entities.registry import Entities
from crmcore.events.recorded import Recorded
from crmcore.events.rows import kept_rows

if TYPE_CHECKING:
    from crmcore.app import Crm

__all__ = ["readable", "readable_entities", "readable_records"]


def readable_entities(entities: Entities, actor: Actor) -> frozenset[str]:
    """Return the entities of which an actor may read any record: events of others need not be looked at."""
    return frozenset(name for name in entities if reaches(entities, name, "read", actor.access))


async def readable(crm: Crm, actor: Actor, recorded: Sequence[Recorded]) -> list[bool]:
    """Say of each event whether an actor may read it, with one statement for each entity.

    Of a record that is gone those may know who might read it as it last was.
    """
    found: dict[str, Collection[UUID]] = {}
    for entity in {event.entity for event in recorded}:
        wanted = {event.record_id for event in recorded if event.entity == entity}
        found[entity] = await readable_records(crm.database, crm.entities, actor, entity, wanted)
    return [event.record_id in found[event.entity] for event in recorded]


async def readable_records(
    database: Database, entities: Entities, actor: Actor, entity: str, wanted: Collection[UUID]
) -> Collection[UUID]:
    """Return those of some records, deleted and destroyed ones included, that an actor may read.

    Args:

        database: where.
        entities: all entities.
        actor: who reads.
        entity: name of the records' entity; nobody may read those of one that is not declared any more.
        wanted: their ids.
    """
    if entity not in entities:
        return ()
    rule, values = bound_rule(entities, database.dialect, actor, entity, "read", 2)
    if rule in (EVERY_ROW, NO_ROW):
        return wanted if rule == EVERY_ROW else ()
    kind = entities[entity]
    listed = members(database.dialect, "$1", "uuid")
    sql = f"select t.id, ({rule}) from {kind.tablename} t where t.id in ({listed})"
    there = {id: bool(allowed) for id, allowed in await database.fetch(sql, list(wanted), *values)}
    allowed = {id for id, allowed in there.items() if allowed}
    if gone := [id for id in wanted if id not in there]:
        allowed |= await _last_readable(database, entities, actor, kind, gone)
    return allowed


async def _last_readable(
    database: Database, entities: Entities, actor: Actor, entity: Entity, gone: Sequence[UUID]
) -> set[UUID]:
    sql = f"""
        select (
            select e.row from crm_event e where e.record_id = m.id and e.row is not null
            order by e.era desc, e.transaction_id desc, e.position desc limit 1
        ) from ({_listed(database.dialect)}) m
    """
    rows: Iterable[str | None] = [row for (row,) in await database.fetch(sql, list(gone))]
    rule, values = bound_rule(entities, database.dialect, actor, entity.name, "read", 2)
    last = kept_rows(database.dialect, entity, "$1")
    text = f"[{','.join(filter(None, rows))}]"
    found = await database.fetch(f"select t.id from {last} t where {rule}", text, *values)
    # What is no column of a table SQLite's driver gives as it is stored.
    return {UUID(str(id)) for (id,) in found}


def _listed(dialect: str) -> str:
    return "select value as id from json_each($1)" if dialect == "sqlite" else "select unnest($1::uuid[]) as id"
