"""`python -m crmcore.upgrade.foresee`: which migrations would run here, as JSON; the database is only read.

The interpreter of a new version runs it, and the one before reads what it prints: the form stays readable both ways.
"""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

import msgspec

from crmcore._version import __version__
from crmcore.errors import SetupError
from crmcore.upgrade.effects import effect_of
from crmcore.upgrade.kept import applied

if TYPE_CHECKING:
    from crmcore.app import Crm
    from crmcore.database.looking import Look
    from crmcore.database.migrations import MigrationFile
    from crmcore.settings import Settings

__all__ = ["Foreseen", "Migrating", "Statement", "foresee"]


class Statement(msgspec.Struct, frozen=True, kw_only=True):
    """A statement of a migration; see `Effect`.

    Attributes:

        sql: as it runs, or a comment that says what Python does.
        rows: rows of the table there are now, about; None where that is not known.
    """

    sql: str
    table: str | None = None
    lock: str | None = None
    stops: str = ""
    reads: bool = False
    rewrites: bool = False
    others: tuple[str, ...] = ()
    rows: int | None = None


class Migrating(msgspec.Struct, frozen=True, kw_only=True):
    """A migration that would run.

    Attributes:

        plugin: whose.
        name: `0002_priority`.
        statements: in order.
        irreversible: why it cannot be taken back; None if it can.
        loses: what is gone for good once it ran, even if it is taken back.
    """

    plugin: str
    name: str
    statements: tuple[Statement, ...] = ()
    irreversible: str | None = None
    loses: tuple[str, ...] = ()


class Foreseen(msgspec.Struct, frozen=True, kw_only=True):
    """What is printed.

    Attributes:

        crmcore: version that looked.
        dialect: of the database.
        problems: why the start would stop, migrations aside.
        migrations: in order.
        applied: of each plugin that has pending ones, the last migration the database has; "0" for none.
        capabilities: what each plugin says it does, a sentence each.
    """

    crmcore: str = __version__
    dialect: str = ""
    problems: tuple[str, ...] = ()
    migrations: tuple[Migrating, ...] = ()
    applied: Mapping[str, str] = msgspec.field(default_factory=dict)
    capabilities: Mapping[str, tuple[str, ...]] = msgspec.field(default_factory=dict)


async def foresee(settings: Settings) -> Foreseen:
    """Look ahead, with what is installed for this interpreter."""
    # Heavy: Piccolo and the plugins.
    from crmcore.app import Crm
    from crmcore.database.looking import looking
    from crmcore.plugins.newcomers import introduced

    try:
        crm = Crm(settings)
        async with looking(settings.database) as look:
            done = await applied(look) if look else {}
            files = crm.migrator.missing(done)
            migrations = [await _migrating(crm, file, look) for file in files]
    except SetupError as error:
        return Foreseen(problems=error.problems)
    owners = {file.plugin for file in files}
    last = {plugin: max((name for owner, name in done if owner == plugin), default="0") for plugin in sorted(owners)}
    return Foreseen(
        dialect=crm.database.dialect,
        migrations=tuple(migrations),
        applied=last,
        capabilities=introduced([plugin.name for plugin in crm.plugins]),
    )


async def _migrating(crm: Crm, file: MigrationFile, look: Look | None) -> Migrating:
    irreversible = None
    try:
        crm.migrator.planned_back(file)
    except SetupError as error:
        irreversible = error.problems[0]
    statements = [await _statement(crm.database.dialect, sql, look) for sql in crm.migrator.planned(file).statements]
    return Migrating(
        plugin=file.plugin,
        name=file.name,
        statements=tuple(statements),
        irreversible=irreversible,
        loses=tuple(_lost(file)),
    )


async def _statement(dialect: str, sql: str, look: Look | None) -> Statement:
    effect = effect_of(dialect, sql)
    if effect.table is None:
        return Statement(sql=sql, **effect._asdict())
    if look is None or effect.table not in await look.tables():
        # An earlier statement makes it: nobody else has heard of it.
        return Statement(sql=sql, table=effect.table, others=effect.others)
    return Statement(sql=sql, rows=await _rows(look, effect.table), **effect._asdict())


async def _rows(look: Look, table: str) -> int:
    if look.dialect == "postgresql":
        # An estimate: counting a large table takes minutes.
        sql = "select greatest(reltuples, 0)::bigint from pg_class where oid = to_regclass($1)"
        return int((await look.fetch(sql, f'"{table}"'))[0][0])
    return int((await look.fetch(f'select count(*) from "{table}"'))[0][0])


def _lost(file: MigrationFile) -> Iterator[str]:
    from crmcore.database.migrations.columns import DropColumn
    from crmcore.database.migrations.tables import DropTables

    for operation in file.migration.operations:
        if isinstance(operation, DropColumn):
            yield f"{operation.table}.{operation.name}"
        elif isinstance(operation, DropTables):
            yield from operation.names


def main() -> None:
    """Print what is foreseen."""
    from crmcore.settings import load_settings

    found: Any = asyncio.run(foresee(load_settings()))
    sys.stdout.buffer.write(msgspec.json.encode(found))


if __name__ == "__main__":
    main()
