"""The rows of a database as Python values, read with `select *`."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

from crmcore.database import Database
from crmcore.entities import kinds
from crmcore.entities.entity import Entity

__all__ = ["Row", "read_rows"]

Row = dict[str, Any]


async def read_rows(database: Database, entities: Mapping[str, Entity], names: list[str]) -> dict[str, list[Row]]:
    """Return all rows of some entities."""
    found = {}
    for name in names:
        columns = entities[name].columns
        rows = await database.fetch(f"select {', '.join(columns)} from {entities[name].tablename}")
        found[name] = [
            {
                column: _read(entities[name].facts[column].kind.name, value)
                for column, value in zip(columns, row, strict=True)
            }
            for row in rows
        ]
    return found


def _read(kind: str, value: Any) -> Any:
    read = _READ.get(kind)
    return value if value is None or read is None else read(value)


def _instant(value: Any) -> datetime:
    return (value if isinstance(value, datetime) else datetime.fromisoformat(value)).astimezone(UTC)


def _json(value: Any) -> Any:
    # SQLite keeps a JSON number alone as a number.
    return json.loads(value) if isinstance(value, str) else value


_READ: dict[str, Callable[[Any], Any]] = {
    kinds.ID.name: lambda value: UUID(str(value)),
    kinds.INSTANT.name: _instant,
    kinds.DATE.name: lambda value: date.fromisoformat(str(value)),
    kinds.BOOL.name: bool,
    kinds.JSON.name: _json,
}
