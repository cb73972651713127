"""A plugin's tables as files: all rows, deleted ones too, one JSON object a line."""

from __future__ import annotations

import json
import os
from collections.abc import AsyncIterator
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from crmcore.database import instants
from crmcore.database.ddl import quote
from crmcore.database.declared import table_spec
from crmcore.plugins.removal.purging import own_tables

if TYPE_CHECKING:
    from piccolo.table import Table

    from crmcore.app import Crm

__all__ = ["copied"]

_PAGE = 500


async def copied(crm: Crm, plugin: str, folder: Path) -> dict[str, int]:
    """Write each of a plugin's tables into `folder` as `TABLE.jsonl`, by names of columns.

    A file has its name only when it is whole, so one that is there can be relied on.

    Returns:

        the number of rows by table.
    """
    folder.mkdir(parents=True, exist_ok=True)  # noqa: ASYNC240 - nobody else is served meanwhile
    there = await own_tables(crm, plugin)
    tables = {str(table._meta.tablename): table for table in crm.declared.tables_of(plugin)}
    return {name: await _copy(crm, tables[name], folder / f"{name}.jsonl") for name in there}


async def _copy(crm: Crm, table: type[Table], path: Path) -> int:
    part, done = path.with_suffix(".part"), 0
    kinds = {column.name: column.kind for column in table_spec(table).columns}
    with part.open("w", encoding="utf-8") as file:
        async for row in _rows(crm, table):
            plain = {name: _plain(kinds.get(name), value) for name, value in row.items()}
            file.write(f"{json.dumps(plain, ensure_ascii=False)}\n")
            done += 1
        file.flush()
        os.fsync(file.fileno())
    part.replace(path)
    return done


async def _rows(crm: Crm, table: type[Table]) -> AsyncIterator[dict[str, Any]]:
    key = str(table._meta.primary_key._meta.db_column_name)
    select, order = f"select * from {quote(str(table._meta.tablename))}", f"order by {quote(key)} limit {_PAGE}"
    rows = await crm.database.fetch_dicts(f"{select} {order}")
    while rows:
        for row in rows:
            yield row
        rows = await crm.database.fetch_dicts(f"{select} where {quote(key)} > $1 {order}", rows[-1][key])


def _plain(kind: str | None, value: Any) -> Any:
    if value is None:
        return None
    if kind == "bool":
        return bool(value)
    if kind == "json":
        return json.loads(value)
    if isinstance(value, datetime):
        return instants.wire(value)
    return value if isinstance(value, int | float | str) else str(value)
