"""The history of one record: its events, the newest first."""

from __future__ import annotations

from uuid import UUID

from crmcore.database import Database
from crmcore.entities.registry import Entities
from crmcore.events.cursor import Cursor
from crmcore.events.recorded import COLUMNS, Recorded
from crmcore.events.types import EventTypes

__all__ = ["history"]

_READ = f"""
    select {COLUMNS} from crm_event where record_id = $1 and entity = $2 and (era, transaction_id, position) < ($3, $4, $5)
    order by era desc, transaction_id desc, position desc limit $6
"""
#: After everything: larger numbers no database gives out.
_END = Cursor(2**15 - 1, 2**63 - 1, 2**63 - 1)


async def history(
    database: Database,
    entities: Entities,
    types: EventTypes,
    entity: str,
    record_id: UUID,
    *,
    before: Cursor | None = None,
    limit: int = 50,
) -> list[Recorded]:
    """Read a record's events, those that are not settled yet too: whoever reads back needs no order with others.

    Values of sealed columns are as they are stored; `opened` opens them.

    Args:

        database: where.
        entities: all entities.
        types: all types of events.
        entity: name of the record's entity.
        record_id: the record.
        before: only events that stand before this cursor.
        limit: how many at most.
    """
    end = before or _END
    rows = await database.fetch(_READ, record_id, entity, end.era, end.transaction, end.position, limit)
    return [Recorded.of(row, entities, types) for row in rows]
