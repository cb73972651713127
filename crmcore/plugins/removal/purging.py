"""The end of a plugin's data: what others hold of it first, its own tables last."""

from __future__ import annotations

from typing import TYPE_CHECKING

from crmcore.database.migrations import MigrationFile
from crmcore.plugins.removal.held import held

if TYPE_CHECKING:
    from crmcore.app import Crm

__all__ = ["own_tables", "purge", "traces"]


async def traces(crm: Crm, plugin: str) -> list[str]:
    """Return what there is of a plugin in the database, as words and numbers; nothing is left after `purge`.

    Args:

        crm: a CRM that has the plugin; its database is open.
        plugin: the plugin's name.
    """
    found = [(await trace.count(crm.database), trace.what) for trace in held(crm, plugin)]
    tables = await own_tables(crm, plugin)
    applied = [name for name in await crm.migrator.applied() if name.startswith(f"{plugin}_")]
    return [
        *(f"{what}: {count}" for count, what in found if count),
        *(f"the table {name}, rows: {rows}" for name, rows in tables.items()),
        *([f"migrations in the database's record: {len(applied)}"] if applied else []),
    ]


async def own_tables(crm: Crm, plugin: str) -> dict[str, int]:
    """Return a plugin's tables that are there, with the number of their rows."""
    names = [str(table._meta.tablename) for table in crm.declared.tables_of(plugin)]
    catalogue = (
        "select name from sqlite_master where type = 'table'"
        if crm.database.dialect == "sqlite"
        else "select tablename from pg_tables where schemaname = current_schema()"
    )
    there = {str(name) for (name,) in await crm.database.fetch(catalogue)}
    return {
        name: int(await crm.database.fetch_value(f'select count(*) from "{name}"')) for name in names if name in there
    }


async def purge(crm: Crm, plugin: str) -> list[MigrationFile]:
    """Remove all that is of a plugin from the database; done again after an interruption it does what is left.

    What others hold of it goes in one transaction, then its migrations are taken back, each in one of its own.

    Args:

        crm: a CRM that has the plugin; its database is open. No process should serve it meanwhile.
        plugin: the plugin's name.

    Returns:

        the migrations that were taken back, the last first.

    Raises:

        SetupError: a migration cannot be taken back, then nothing was removed; or somebody's table links to the plugin's.
    """
    has_tables = plugin in crm.declared.migrations
    if has_tables:
        await crm.migrator.plan_down(plugin, None)

    async def unit() -> None:
        async with crm.database.schema_transaction():
            for trace in held(crm, plugin):
                await trace.remove(crm.database)

    await crm.database.retrying(unit)
    return await crm.migrator.down(plugin, None) if has_tables else []
