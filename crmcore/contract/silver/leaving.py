"""What is left of a plugin when it goes?"""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import suppress

from crmcore.contract.installing import drifted, installing, migrate
from crmcore.contract.rule import Shortfall, Tier, Unverified, rule
from crmcore.contract.subject import Subject
from crmcore.contract.trying.records import Records
from crmcore.contract.trying.standing import rows_of, shape_of
from crmcore.contract.trying.telling import about, made_up
from crmcore.contract.trying.tried import tried
from crmcore.database import Database
from crmcore.database.migrations import MigrationSource, Migrator
from crmcore.entities.work import Work
from crmcore.errors import Refusal, SetupError
from crmcore.events import After
from crmcore.plugins.removal import purge, traces
from crmcore.testing import TestCrm

__all__ = ["migrations_down_leave_nothing", "uninstalling_leaves_nothing"]


@rule(Tier.SILVER)
async def migrations_down_leave_nothing(subject: Subject) -> AsyncIterator[Shortfall]:
    """Whoever cannot take a plugin out again does not dare to try it.

    On each database all migrations are applied, taken back down to nothing, and applied again. Taken back, no table,
    column, index or trigger may be left that was not there before, and applied again the tables are as they are declared.
    """
    if subject.name not in subject.crm.declared.migrations:
        return
    for dialect in subject.dialects:
        async with installing(subject, dialect) as database:
            before = await shape_of(database)
            with suppress(SetupError):  # that is said by migrations-make-the-declared-tables
                await migrate(subject, database)
                for shortfall in await _down(subject, database, dialect):
                    yield shortfall
                    break
                else:
                    for left in (await shape_of(database)).more(before):
                        yield Shortfall(
                            f"On {dialect}, {left} is left after all migrations were taken back.",
                            "Have the migration's own operations undo it: create_table, add_column and their kin do; to sql(…) "
                            "give down_sqlite and down_postgresql, to run(…) give down=.",
                        )
                    await migrate(subject, database)
                    for shortfall in await drifted(subject, database, dialect):
                        yield shortfall


async def _down(subject: Subject, database: Database, dialect: str) -> list[Shortfall]:
    folder = subject.crm.declared.migrations[subject.name]
    source = MigrationSource(subject.name, folder, subject.crm.declared.tables_of(subject.name))
    try:
        await Migrator(database, [source]).down(subject.name, None)
    except SetupError as error:
        fix = "Say how it is undone: sql(…, down_sqlite=…, down_postgresql=…), run(up, down)."
        return [Shortfall(f"On {dialect}: {problem}", fix) for problem in error.problems]
    return []


@rule(Tier.SILVER)
async def uninstalling_leaves_nothing(subject: Subject) -> AsyncIterator[Shortfall]:
    """What a plugin wrote into tables of others lies there for good once nobody knows any more what it was.

    `crm plugin uninstall --data purge` removes tables, jobs, schedules, permissions in roles, search entries, events and
    links to its records. It is tried twice: on a database where the plugin has only started, which must then hold no row
    more than one that never had it; and on one where it has worked.
    """
    dialect = subject.dialects[0]
    async with tried(subject, dialect, "bare") as crm:
        before = await rows_of(crm.database)
    async with tried(subject, dialect) as crm:
        wrong = await _purge(crm, subject.name)
        for shortfall in wrong:
            yield shortfall
        after = await rows_of(crm.database)
    for table, rows in after.items() if not wrong else ():
        if more := max(0, rows.total() - before.get(table, rows).total()):
            yield Shortfall(
                f"After it was uninstalled, {table} has {more} {'row' if more == 1 else 'rows'} more than before it came.",
                "Have the migration that writes into tables of others delete it on the way down: run(up, down); and write "
                "nothing there in crm_startup.",
            )
    if not wrong:
        async with tried(subject, dialect) as crm:
            await _work(crm, subject)
            for shortfall in await _purge(crm, subject.name):
                yield shortfall


async def _work(crm: TestCrm, subject: Subject) -> None:
    records = Records(crm, subject.name)
    with suppress(Unverified):
        await records.all()
    for handler in crm.declared.handlers:
        if isinstance(handler, After) and handler.plugin == subject.name:
            with suppress(Unverified, Refusal):
                entity = await about(records, handler.event)
                kind = handler.event

                async def unit(work: Work) -> None:
                    await work.emit(await made_up(work, records, kind, entity))  # noqa: B023 - run at once

                await crm.run(await crm.actor(None), unit)


async def _purge(crm: TestCrm, plugin: str) -> list[Shortfall]:
    try:
        await purge(crm, plugin)
    except SetupError as error:
        fix = "Mend its migrations, so that they can be taken back."
        return [Shortfall(f"It cannot be uninstalled: {problem}", fix) for problem in error.problems]
    fix = "Remove it by a migration's down; or tell crmcore, if it is crmcore's to remove."
    return [Shortfall(f"Uninstalled, it is still there: {left}", fix) for left in await traces(crm, plugin)]
