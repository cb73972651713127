"""The record of what was applied, kept in the database that it was applied to."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from crmcore import clock
from crmcore.database.ddl import create_table, quote
from crmcore.database.facade import Database
from crmcore.database.migrations.source import MigrationFile
from crmcore.database.schema import ColumnSpec, Index, TableSpec

__all__ = ["Ledger"]

_TABLE = TableSpec(
    "crm_migration",
    (
        ColumnSpec("plugin", "text"),
        ColumnSpec("name", "text"),
        ColumnSpec("checksum", "text"),
        ColumnSpec("applied_at", "instant"),
    ),
    (Index(("plugin", "name"), unique=True),),
)


@dataclass(frozen=True, slots=True)
class Ledger:
    """The table `crm_migration`."""

    database: Database

    async def read(self) -> Mapping[tuple[str, str], str]:
        """Return the checksums of what was applied by plugin and name; nothing when there is no such table yet."""
        if not await self._exists():
            return {}
        rows = await self.database.fetch(f"select plugin, name, checksum from {quote(_TABLE.name)}")
        return {(plugin, name): checksum for plugin, name, checksum in rows}

    async def add(self, file: MigrationFile) -> None:
        """Record that a migration was applied."""
        if not await self._exists():
            await self.database.script(create_table(self.database.dialect, _TABLE))
        await self.database.execute(
            f"insert into {quote(_TABLE.name)} (plugin, name, checksum, applied_at) values ($1, $2, $3, $4)",
            file.plugin,
            file.name,
            file.checksum,
            clock.now(),
        )

    async def remove(self, file: MigrationFile) -> None:
        """Record that a migration was taken back."""
        await self.database.execute(
            f"delete from {quote(_TABLE.name)} where plugin = $1 and name = $2", file.plugin, file.name
        )

    async def _exists(self) -> bool:
        if self.database.dialect == "sqlite":
            sql = "select count(*) from sqlite_master where type = 'table' and name = $1"
        else:
            sql = "select count(*) from pg_tables where schemaname = current_schema() and tablename = $1"
        return bool(await self.database.fetch_value(sql, _TABLE.name))
