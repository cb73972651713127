"""The migrations of access make its tables, on both databases, and take them away."""

from __future__ import annotations

from crmcore.access import plugin, state
from crmcore.database import Database
from crmcore.database.migrations import MigrationSource, Migrator


def migrator(database: Database) -> Migrator:
    tables = [*(e.table for e in plugin.crm_entities()), *plugin.crm_tables()]
    return Migrator(database, [MigrationSource("access", plugin.crm_migrations(), tables)])


async def test_migrations_make_what_is_declared(database: Database) -> None:
    """Nothing is missing, nothing is different."""
    await migrator(database).up()

    assert await migrator(database).drift() == []


async def test_the_revision_is_there_from_the_start(database: Database) -> None:
    """Every look-up of a token joins it."""
    await migrator(database).up()
    await state.changed(database)

    assert await database.fetch_value("select revision from crm_access_state") == 2


async def test_migrations_can_be_taken_back(database: Database) -> None:
    """No table is left, and they can be applied again."""
    await migrator(database).up()
    await migrator(database).down("access", None)
    await migrator(database).up()

    assert await migrator(database).drift() == []
