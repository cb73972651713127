"""What seals hear of a record that is destroyed: of all that goes with it, and of all that is about nobody afterwards."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING
from uuid import UUID

from crmcore.entities import many, sealed, store
from crmcore.entities.entity import Entity
from crmcore.entities.going import going
from crmcore.entities.registry import Entities
from crmcore.entities.store import Row

if TYPE_CHECKING:
    from crmcore.database import Database

__all__ = ["left", "touched"]

#: Rows, whole and open, by the entity's name.
Touched = dict[str, dict[UUID, Row]]


async def touched(database: Database, entities: Entities, entity: Entity, id: UUID) -> Touched:
    """Return the rows with a seal that go with a record, or lose a link to whose data they are."""
    found: Touched = {}
    for kind, condition in _conditions(entities, entity, "$1::uuid" if database.dialect == "postgresql" else "$1"):
        for row in await store.select(database, kind, condition, id):
            found.setdefault(kind.name, {})[row["id"]] = row
    return found


def _conditions(entities: Entities, entity: Entity, ids: str) -> Iterator[tuple[Entity, str]]:
    sealing = [kind for kind in entities.values() if kind.seal is not None]
    for gone, inside in going(entities, entity, ids):
        if gone.seal is not None:
            yield gone, f"t.id in ({inside})"
        for kind in sealing:
            for column in sealed.seal_of(kind).subject_columns:
                if column in kind.links and kind.facts[column].target in (gone.name, "*"):
                    yield kind, f"t.{column} in ({inside})"


async def left(database: Database, entities: Entities, before: Touched) -> None:
    """Once the record is gone, seal anew what was about somebody else until now, and tell the seals."""
    for name, rows in before.items():
        entity = entities[name]
        there = await _still_there(database, entity, list(rows))
        moved = {id: (rows[id], now) for id, now in there.items() if _differs(rows[id], now)}
        await many.reseal(database, entity, moved)
        await sealed.tell(database, entity, [(row, None) for id, row in rows.items() if id not in there])


async def _still_there(database: Database, entity: Entity, ids: Sequence[UUID]) -> dict[UUID, Row]:
    """Return the columns that say whose data the rows are which are there, by id."""
    columns = ("id", *sealed.seal_of(entity).subject_columns)
    sql = f"select {', '.join(f't.{c}' for c in columns)} from {entity.tablename} t where {sealed.among(database, 1)}"
    return {row.pop("id"): row for row in await database.fetch_dicts(sql, list(ids))}


def _differs(before: Row, now: Row) -> bool:
    return any(before[column] != value for column, value in now.items())
