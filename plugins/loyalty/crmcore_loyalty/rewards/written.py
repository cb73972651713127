"""Records that only the plugin writes: stamped and told of like all others, by the right of the action that writes them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from crmcore import Created, Row, Updated, Work

__all__ = ["added", "changed", "locked"]


async def added(work: Work, entity: str, values: Mapping[str, Any]) -> Row:
    """Write a new record."""
    row = await work.insert(entity, values)
    await work.emit(work.event(Created, work.entities[entity], row["id"], after=row))
    return row


async def changed(work: Work, entity: str, before: Row, values: Mapping[str, Any]) -> Row:
    """Change a record that was read under a lock."""
    kind = work.entities[entity]
    different = {column: value for column, value in values.items() if before[column] != value}
    if not different:
        return before
    written = {**different, **work.stamps(kind, created=False), "version": before["version"] + 1}
    await work.change(entity, before["id"], written)
    after = {**before, **written}
    event = work.event(Updated, kind, before["id"], before=before, after=after, changed=frozenset(different))
    await work.emit(event)
    return after


async def locked(work: Work, entity: str, id: UUID) -> Row | None:
    """Read a record as it now is and keep others from changing it until the end of the transaction."""
    if work.database.dialect == "postgresql":
        # `no key`: rows that refer to it can still be written by others. SQLite has one writer at a time.
        await work.rows(f"select 1 from {work.entities[entity].tablename} where id = $1 for no key update", id)
    return next(iter(await work.find(entity, id=id)), None)
