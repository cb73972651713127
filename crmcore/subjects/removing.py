"""Removing records for ever without leaving in the change feed what they were."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from crmcore.database import ReferenceViolation
from crmcore.database.arrays import members
from crmcore.entities.links import cut_loose
from crmcore.entities.work import Work
from crmcore.errors import InUse
from crmcore.events import Destroyed
from crmcore.events.rewriting import redact
from crmcore.search import keeping
from crmcore.subjects.blanking import stored
from crmcore.subjects.classified import emptied, personal_columns, told

__all__ = ["remove"]

_AT_ONCE = 500


async def remove(work: Work, entity: str, ids: Sequence[UUID]) -> int:
    """Remove records with what hangs on them; the feed tells that they were, and not what was personal in them.

    The entity's rules are not asked.

    Args:

        work: the unit of work.
        entity: entity name.
        ids: the records.

    Returns:

        How many there were.

    Raises:

        InUse: other records refer to one of them; nothing of this was done.
    """
    kind = work.entities[entity]
    columns, removed = personal_columns(kind), 0
    for start in range(0, len(ids), _AT_ONCE):
        few = ids[start : start + _AT_ONCE]
        async with work.savepoint():
            removed += await _remove(work, entity, few, columns)
    return removed


async def _remove(work: Work, entity: str, ids: Sequence[UUID], columns: tuple[str, ...]) -> int:
    kind = work.entities[entity]
    rows = await stored(work, kind, ids)
    for row in rows:
        await keeping.forget(work.database, work.entities, kind, row["id"])
        await cut_loose(work, kind, row["id"])
    inside = members(work.database.dialect, "$1", "uuid")
    try:
        await work.database.execute(f"delete from {kind.tablename} where id in ({inside})", [row["id"] for row in rows])
    except ReferenceViolation as needed:
        by = f" by {needed.table}" if needed.table else ""
        msg = f"Some {kind.plural} are still referred to{by}."
        raise InUse(msg) from needed
    if kind.found_as:
        await keeping.written(work.database, work.entities, kind, rows)
    work.known.clear()
    await redact(work.database, kind, ids, columns)
    for row in rows:
        before = told(kind, {**row, **emptied(kind, row, columns)})
        await work.emit(work.event(Destroyed, kind, row["id"], before=before))
    return len(rows)
