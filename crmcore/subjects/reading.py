"""Reading records about a person as a whole, whatever rules say: for what is handed to that very person."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from uuid import UUID

from crmcore.database import Database
from crmcore.database.arrays import members
from crmcore.entities import store
from crmcore.entities.entity import Entity
from crmcore.entities.store import Row

__all__ = ["rows_of"]

_AT_ONCE = 500


async def rows_of(database: Database, entity: Entity, ids: Sequence[UUID]) -> AsyncIterator[Row]:
    """Read records, deleted ones too; what is sealed is opened."""
    inside = members(database.dialect, "$1", "uuid")
    for start in range(0, len(ids), _AT_ONCE):
        few = list(ids[start : start + _AT_ONCE])
        for row in await store.select(database, entity, f"t.id in ({inside}) order by t.id", few):
            yield row
