"""What stands in a database: its tables and triggers, and their rows."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from crmcore.database import Database
from crmcore.database.ddl import quote
from crmcore.database.migrations.catalog import POSTGRESQL, SQLITE, SeenTable, read

__all__ = ["Shape", "rows_of", "shape_of"]

_HERE = "(select oid from pg_namespace where nspname = current_schema())"
_TRIGGERS = {
    "sqlite": "select name from sqlite_master where type = 'trigger'",
    "postgresql": f"select tgname from pg_trigger t join pg_class c on c.oid = tgrelid where relnamespace = {_HERE} and not tgisinternal",
}
#: What says when, by whom and how often something was written, not what.
_STAMPS = ("version", "updated_at", "updated_by")


@dataclass(frozen=True)
class Shape:
    """What a database is made of.

    Attributes:

        tables: by name.
        triggers: their names.
    """

    tables: dict[str, SeenTable]
    triggers: frozenset[str]

    def more(self, before: Shape) -> Iterator[str]:
        """Yield what is there and was not, as phrases."""
        for name, table in self.tables.items():
            if name not in before.tables:
                yield f"the table {name}"
                continue
            for what, now, then in _parts(table, before.tables[name]):
                yield from (f"the {what} {part} of {name}" for part in now if part not in then)
        yield from (f"the trigger {name}" for name in sorted(self.triggers - before.triggers))


def _parts(now: SeenTable, then: SeenTable) -> Iterator[tuple[str, dict[str, str], dict[str, str]]]:
    yield "column", now.columns, then.columns
    yield "index", now.indexes, then.indexes


async def shape_of(database: Database) -> Shape:
    """Look at a database."""
    sqlite = database.dialect == "sqlite"
    tables = await read(database.fetch, SQLITE) if sqlite else await read(database.fetch, POSTGRESQL, _HERE)
    triggers = await database.fetch(_TRIGGERS[database.dialect])
    return Shape(tables, frozenset(str(name) for (name,) in triggers))


async def rows_of(database: Database) -> dict[str, Counter[str]]:
    """Return all rows as texts by table, but for crmcore's own bookkeeping and for stamps."""
    found = {}
    for table, seen in (await shape_of(database)).tables.items():
        if table.startswith(("crm_", "sqlite_")):
            continue
        columns = [c for c in sorted(seen.columns) if c not in _STAMPS]
        if columns:
            rows: list[tuple[Any, ...]] = await database.fetch(
                f"select {', '.join(map(quote, columns))} from {quote(table)}"
            )
            found[table] = Counter(repr(row) for row in rows)
    return found
