"""Running a migration's steps: alone, all or none, and with a message that says whose fault a failure is."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

from crmcore.database.facade import Database
from crmcore.database.failures import Contention
from crmcore.database.migrations.links import check_links
from crmcore.database.migrations.migration import Step
from crmcore.database.migrations.source import MigrationFile
from crmcore.errors import SetupError

__all__ = ["alone", "run"]


@asynccontextmanager
async def alone(database: Database, file: MigrationFile) -> AsyncIterator[None]:
    """Open the transaction of one migration.

    Raises:

        SetupError: it failed; nothing of it was kept.
        Contention: another process is at it for longer than this one waits.
    """
    try:
        async with database.schema_transaction():
            yield
    except (SetupError, Contention):
        raise
    except Exception as error:
        raise SetupError(
            "migration-failed",
            [
                f"The migration {file} failed and nothing of it was kept: {error} Correct the migration or the rows it names, then run it again."
            ],
        ) from error


async def run(database: Database, steps: Sequence[Step]) -> None:
    """Do one step after the other; neighbouring statements go in one round trip."""
    statements: list[str] = []
    for step in steps:
        if step.work is None:
            statements.append(step.text)
            continue
        await database.script(statements)
        statements = []
        await step.work(database)
    await database.script(statements)
    await check_links(database)
