"""Tables made at once from their declarations, without migrations: for tests and throw-away databases."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from crmcore.database.ddl import create_tables as statements
from crmcore.database.declared import table_specs
from crmcore.database.facade import Database

if TYPE_CHECKING:
    from piccolo.table import Table

__all__ = ["create_tables"]


async def create_tables(database: Database, tables: Iterable[type[Table]]) -> None:
    """Make the declared tables with their indexes and links, and bind them."""
    tables = list(tables)
    async with database.schema_transaction():
        await database.script(statements(database.dialect, table_specs(tables)))
    database.bind(tables)
