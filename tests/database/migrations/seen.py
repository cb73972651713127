"""What tables a database has, for comparing before and after."""

from __future__ import annotations

from crmcore.database import Database
from crmcore.database.migrations.catalog import POSTGRESQL, SQLITE, SeenTable, read
from crmcore.database.migrations.drift import _HERE


async def seen(database: Database) -> dict[str, SeenTable]:
    """Return all tables but the record of migrations."""
    queries = SQLITE if database.dialect == "sqlite" else POSTGRESQL
    tables = await read(database.fetch, queries, _HERE)
    tables.pop("crm_migration", None)
    return tables
