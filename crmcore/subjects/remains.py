"""What is left of a person in tables and change feed: the question that is asked when they should be erased."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from crmcore.database import Database
from crmcore.database.arrays import members
from crmcore.entities.entity import Entity
from crmcore.entities.registry import Entities
from crmcore.entities.sealing import ERASED, Cell, is_sealed
from crmcore.subjects.classified import emptied, personal_columns

__all__ = ["Remains", "remains"]

_AT_ONCE = 500


@dataclass(slots=True)
class Remains:
    """What was found.

    Attributes:

        unreadable: how many sealed values there are whose key is gone.
        readable: how many there are that can still be opened.
        plain: where values stand as they are, as in `customer.given_name` or `feed customer.given_name`.
    """

    unreadable: int = 0
    readable: int = 0
    plain: set[str] = field(default_factory=set)

    @property
    def nothing(self) -> bool:
        """Whether nothing of the person can be read any more."""
        return not (self.readable or self.plain)


async def remains(
    database: Database,
    entities: Entities,
    records: Mapping[str, Sequence[UUID]],
    *,
    kept: Mapping[str, Sequence[str]] | None = None,
) -> Remains:
    """Look for what can still be read of some records, those that are gone too.

    Args:

        database: where.
        entities: all of them.
        records: ids by entity.
        kept: columns by entity that were kept on purpose.
    """
    found = Remains()
    for name, ids in records.items():
        entity = entities[name]
        columns = [c for c in personal_columns(entity) if c not in (kept or {}).get(name, ())]
        if not columns:
            continue
        for start in range(0, len(ids), _AT_ONCE):
            few = list(ids[start : start + _AT_ONCE])
            for where, rows in (("", _rows(database, entity, columns, few)), ("feed ", _told(database, entity, few))):
                await _look(database, entity, columns, where, await rows, found)
    return found


async def _rows(database: Database, entity: Entity, columns: Sequence[str], ids: list[UUID]) -> list[dict[str, Any]]:
    inside = members(database.dialect, "$1", "uuid")
    return await database.fetch_dicts(
        f"select id, {', '.join(columns)} from {entity.tablename} where id in ({inside})", ids
    )


async def _told(database: Database, entity: Entity, ids: list[UUID]) -> list[dict[str, Any]]:
    inside = members(database.dialect, "$2", "uuid")
    sql = f"select record_id, row, was, details from crm_event where entity = $1 and record_id in ({inside})"
    return [{**part, "id": id} for id, *texts in await database.fetch(sql, entity.name, ids) for part in _parts(texts)]


def _parts(texts: Sequence[str | None]) -> Iterator[dict[str, Any]]:
    for text in texts:
        if text is not None:
            part = json.loads(text)
            yield part
            yield from (part[name] for name in ("before", "after") if isinstance(part.get(name), dict))


async def _look(
    database: Database, entity: Entity, columns: Sequence[str], where: str, rows: list[dict[str, Any]], found: Remains
) -> None:
    cells: list[Cell] = []
    for row in rows:
        nothing = emptied(entity, {"id": row["id"], **dict.fromkeys(columns)}, columns)
        for column in columns:
            value = row.get(column)
            value = json.loads(value) if isinstance(value, str) and value.startswith(('"', "{", "[")) else value
            if is_sealed(value):
                cells.append(Cell(column, row["id"], None, value))
            elif value is not None and value != nothing[column] and str(value) != str(nothing[column]):
                found.plain.add(f"{where}{entity.name}.{column}")
    if cells and entity.seal is not None:
        values = await entity.seal.open(database, cells, past=True)
        gone = sum(value is ERASED for value in values)
        found.unreadable += gone
        found.readable += len(values) - gone
