"""Writing the records that the server keeps, and telling of it in the change feed."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from crmcore import Created, Row, Updated, Work, kinds
from crmcore_compliance.checked import checked

__all__ = ["add", "alter", "locked"]


async def add(work: Work, entity: str, values: dict[str, Any]) -> Row:
    """Write a new record and tell of it.

    Raises:

        Invalid: a text is none, or too long.
    """
    row = await work.insert(entity, _checked(work, entity, values))
    await work.emit(work.event(Created, work.entities[entity], row["id"], after=row))
    return row


async def alter(work: Work, entity: str, row: Row, values: dict[str, Any]) -> Row:
    """Change a record that is locked and tell of it; what is as it was is not written.

    Raises:

        Invalid: a text is none, or too long.
    """
    said = _checked(work, entity, values)
    different = {column: value for column, value in said.items() if row[column] != value}
    if not different:
        return row
    kind = work.entities[entity]
    written = different | work.stamps(kind, created=False) | {"version": row["version"] + 1}
    await work.change(entity, row["id"], written)
    after = {**row, **written}
    await work.emit(work.event(Updated, kind, row["id"], before=row, after=after, changed=frozenset(different)))
    return after


def _checked(work: Work, entity: str, values: dict[str, Any]) -> dict[str, Any]:
    # Results and certificates are the server's own, and as long as they are.
    facts = work.entities[entity].facts
    said = {column: value for column, value in values.items() if facts[column].kind is not kinds.JSON}
    return values | checked(work, entity, said)


async def locked(work: Work, entity: str, id: UUID) -> Row:
    """Read a record for writing."""
    return await work.get(entity, id, action="update")
