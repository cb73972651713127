"""A row in every table of a plugin, whatever its columns are: what migrations meet where people work."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import UTC, date, datetime
from itertools import count
from typing import Any
from uuid import UUID

from crmcore.contract.rule import Unverified
from crmcore.database import Database, ids
from crmcore.database.ddl import quote
from crmcore.database.declared import in_order
from crmcore.database.schema import ColumnSpec, TableSpec
from crmcore.testing import TestCrm

__all__ = ["fill", "rows"]

_numbers = count(1)

_VALUES: dict[str, Callable[[int], Any]] = {
    "text": lambda n: f"value {n}",
    "enum": lambda n: f"VALUE_{n}",
    "int": lambda n: n,
    "bigint": lambda n: n,
    "float": float,
    "bool": lambda n: n % 2 == 1,
    "instant": lambda n: datetime(2025, 1, 1, n % 24, tzinfo=UTC),
    "date": lambda n: date(2025, 1, 1 + n % 28),
    "id": lambda _: ids.new(),
    "json": lambda n: {"value": n},
}


async def fill(database: Database, tables: Iterable[TableSpec], core: TestCrm) -> None:
    """Put a row into each table.

    Columns that may be empty stay empty, except links to tables of the same plugin; what has a default gets it.

    Args:

        database: open, with the tables.
        tables: of the plugin, as its migrations so far have made them.
        core: a CRM without the plugin that runs on the same database, which makes what rows must link to.

    Raises:

        Unverified: a table links to a table of which nobody can make a row.
    """
    made: dict[str, UUID] = {}
    for table in in_order(list(tables)):
        values: dict[str, Any] = {}
        for column in table.columns:
            if column.primary:
                made[table.name] = values[column.name] = ids.new()
            elif column.references in made and column.references != table.name:
                values[column.name] = made[str(column.references)]
            elif not column.null and column.default is None:
                values[column.name] = await _value(column, table, made, core)
        names = ", ".join(map(quote, values))
        places = ", ".join(f"${n}" for n in range(1, len(values) + 1))
        sql = f"insert into {quote(table.name)} ({names}) values ({places})"
        await database.execute(sql, *values.values())


async def rows(database: Database, tables: Iterable[str]) -> dict[str, int]:
    """Count the rows of tables."""
    return {name: int(await database.fetch_value(f"select count(*) from {quote(name)}")) for name in tables}


async def _value(column: ColumnSpec, table: TableSpec, made: dict[str, UUID], core: TestCrm) -> Any:
    if column.references is None:
        return _VALUES[column.kind](next(_numbers))
    if column.references not in made:
        made[column.references] = await _parent(column, table, core)
    return made[column.references]


async def _parent(column: ColumnSpec, table: TableSpec, core: TestCrm) -> UUID:
    entity = next((e for e in core.entities.values() if e.tablename == column.references), None)
    if entity is None:
        msg = f"{table.name}.{column.name} links to {column.references}, of which no row can be made by an entity."
        raise Unverified(msg)
    row = await core.make(entity.name)
    parent: UUID = row["id"]
    return parent
