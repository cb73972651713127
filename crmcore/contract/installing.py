"""A database as an operator has it who installs the plugin, or one of its earlier versions."""

from __future__ import annotations

import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from crmcore.contract.rule import Shortfall
from crmcore.contract.subject import Subject
from crmcore.database import Database
from crmcore.database.declared import table_specs
from crmcore.database.migrations import MigrationFile, MigrationSource, Migrator

__all__ = ["drifted", "files_of", "installing", "migrate"]


@asynccontextmanager
async def installing(subject: Subject, dialect: str) -> AsyncIterator[Database]:
    """Open a database that has crmcore's tables, and those of what the plugin requires; not the plugin's."""
    with subject.grounds.mould(subject.bare, dialect).copy(subject.grounds.name()) as url:
        database = Database.from_url(url)
        await database.open()
        try:
            yield database
        finally:
            await database.close()


def files_of(subject: Subject) -> tuple[MigrationFile, ...]:
    """Return the plugin's migrations in order; none where it has no tables."""
    folder = subject.crm.declared.migrations.get(subject.name)
    return MigrationSource(subject.name, folder).files if folder else ()


async def migrate(subject: Subject, database: Database, *, earlier: int | None = None) -> None:
    """Apply the plugin's migrations.

    Args:

        subject: the plugin.
        database: where; those that were applied already stay.
        earlier: only so many, as if its version was the one that had no more.

    Raises:

        SetupError: one of them failed.
    """
    folder = subject.crm.declared.migrations.get(subject.name)
    if folder is None:
        return
    if earlier is not None:
        folder = _with_only(subject, earlier)
    await Migrator(database, [MigrationSource(subject.name, folder)]).up()


async def drifted(subject: Subject, database: Database, dialect: str) -> list[Shortfall]:
    """Return where the plugin's tables differ from what is declared."""
    tables = subject.crm.declared.tables_of(subject.name)
    source = MigrationSource(subject.name, Path(), tables)
    fix = f"Write what is missing with crm migrate --new {subject.name} TITLE, or correct the declaration."
    found = await Migrator(database, [source]).drift() if table_specs(tables) else []
    return [Shortfall(f"On {dialect}: {sentence}", fix) for sentence in found]


def _with_only(subject: Subject, count: int) -> Path:
    folder = subject.grounds.folder()
    for file in files_of(subject)[:count]:
        shutil.copy(file.path, folder)
    return folder
