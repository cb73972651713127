"""Many rows at once, in the way that is quickest on each database."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from crmcore import Database

__all__ = ["insert"]


async def insert(
    database: Database, table: str, columns: Mapping[str, str], rows: Sequence[Sequence[Any]], suffix: str = ""
) -> None:
    """Write rows.

    Args:

        database: where.
        table: into which table.
        columns: names of the columns, with PostgreSQL's types; `text as uuid` is a text that becomes one.
        rows: values in the order of the columns.
        suffix: what the statement ends with, such as `on conflict`.
    """
    if not rows:
        return
    names = ", ".join(columns)
    if database.dialect == "sqlite":
        places = ", ".join(f"${n}" for n in range(1, len(columns) + 1))
        await database.execute_many(f"insert into {table} ({names}) values ({places}) {suffix}", rows)
        return
    given = [kind.partition(" as ") for kind in columns.values()]
    arrays = ", ".join(f"${n}::{kind}[]" for n, (kind, _, _) in enumerate(given, 1))
    taken = ", ".join(f"v.c{n}::{of or kind}" for n, (kind, _, of) in enumerate(given))
    listed = ", ".join(f"c{n}" for n in range(len(given)))
    of_each = [list(column) for column in zip(*rows, strict=True)]
    sql = f"insert into {table} ({names}) select {taken} from unnest({arrays}) as v({listed}) {suffix}"
    await database.execute(sql, *of_each)
