"""Bronze: whoever has an earlier version of the plugin, with rows in its tables, gets to this one."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator, Mapping

import msgspec

from crmcore.contract.filling import fill, rows
from crmcore.contract.installing import drifted, files_of, installing, migrate
from crmcore.contract.rule import Shortfall, Tier, rule
from crmcore.contract.subject import Subject
from crmcore.database import Database
from crmcore.database.migrations.migration import State
from crmcore.errors import SetupError
from crmcore.settings import Settings

__all__ = ["migrations_take_rows_along"]


#: Two in each table: one default for both may be one too many for a unique index.
_ROWS = 2


@rule(Tier.BRONZE)
async def migrations_take_rows_along(subject: Subject) -> AsyncIterator[Shortfall]:
    """Migrations that are only ever run on empty tables fail on the first installation that has been used.

    For each version of the tables so far, a database gets that version's tables and two rows in each of them; then the rest
    of the migrations is applied at once, as for somebody who has skipped the versions between. The tables must end as
    they are declared, and no row may be lost with a table that stays.
    """
    for dialect in subject.dialects:
        for count in range(1, len(files_of(subject))):
            async with installing(subject, dialect) as database:
                for shortfall in await _upgrade(subject, database, dialect, count):
                    yield shortfall


async def _upgrade(subject: Subject, database: Database, dialect: str, count: int) -> list[Shortfall]:
    after = files_of(subject)[count - 1]
    state: State = {}
    for file in files_of(subject)[:count]:
        state = file.migration.after(state)
    try:
        await migrate(subject, database, earlier=count)
    except SetupError:
        return []  # that is said by migrations-make-the-declared-tables
    await _fill(subject, database, state)
    before = await rows(database, state)
    try:
        await migrate(subject, database)
    except SetupError as error:
        fix = "Give new columns a default, or fill them by migrations.run before they must have a value."
        return [Shortfall(f"From {after} with rows, on {dialect}: {problem}", fix) for problem in error.problems]
    stayed = [
        name for name in before if name in {t._meta.tablename for t in subject.crm.declared.tables_of(subject.name)}
    ]
    lost = _lost(before, await rows(database, stayed), f"from {after} on {dialect}")
    return [*await drifted(subject, database, dialect), *lost]


async def _fill(subject: Subject, database: Database, state: State) -> None:
    address = msgspec.convert({"database": database.url}, Settings)
    async with subject.bare.like(address) as core:
        for _ in range(_ROWS):
            await fill(database, state.values(), core)


def _lost(before: Mapping[str, int], now: Mapping[str, int], where: str) -> Iterator[Shortfall]:
    for table, count in now.items():
        if count < before[table]:
            yield Shortfall(
                f"The table {table} lost rows on the way {where}: it had {before[table]}, and has {count}.",
                "Copy rows to where they belong before anything is dropped.",
            )
