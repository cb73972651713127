"""Where a database differs from what is declared: both are read from a real catalog, so nothing is lost in translation."""

from __future__ import annotations

import sqlite3
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from typing import Any

from crmcore.database.ddl import create_tables
from crmcore.database.declared import in_order
from crmcore.database.facade import Database
from crmcore.database.migrations.catalog import POSTGRESQL, SQLITE, SeenTable, read
from crmcore.database.schema import TableSpec
from crmcore.database.totals import trigger_names

__all__ = ["drift"]

_HERE = "(select oid from pg_namespace where nspname = current_schema())"


async def drift(
    database: Database, tables: Sequence[TableSpec], sealed: Mapping[str, Collection[str]] | None = None
) -> list[str]:
    """Return one sentence for each difference; tables other than these are not looked at.

    Args:

        database: where.
        tables: as they are declared.
        sealed: by table, the columns that may be texts whatever is declared, since they are stored sealed.
    """
    specs = _closed(in_order(tables))
    if database.dialect == "sqlite":
        there = await read(database.fetch, SQLITE)
        wanted = await _declared_in_sqlite(create_tables("sqlite", specs))
    else:
        there, wanted = await _both_in_postgresql(database, create_tables("postgresql", specs))
    for name, columns in (sealed or {}).items():
        _take_texts(wanted.get(name), there.get(name), columns)
    found = [sentence for spec in specs for sentence in _compare(spec.name, wanted[spec.name], there.get(spec.name))]
    return [*found, *_uncounted(specs, await _triggers(database))]


def _take_texts(wanted: SeenTable | None, there: SeenTable | None, columns: Collection[str]) -> None:
    if wanted is not None and there is not None:
        for column in columns:
            now = there.columns.get(column, "")
            if now.startswith("text") and (" not null" in now) == (" not null" in wanted.columns[column]):
                wanted.columns[column] = now


def _closed(specs: Sequence[TableSpec]) -> list[TableSpec]:
    """Return the tables without links to tables that are not among them."""
    names = {spec.name for spec in specs}
    return [
        replace(spec, columns=tuple(c if c.references in names else replace(c, references=None) for c in spec.columns))
        for spec in specs
    ]


async def _declared_in_sqlite(statements: Sequence[str]) -> dict[str, SeenTable]:
    raw = sqlite3.connect(":memory:")

    async def fetch(sql: str) -> list[tuple[Any, ...]]:
        return raw.execute(sql).fetchall()

    try:
        for statement in statements:
            raw.execute(statement)
        return await read(fetch, SQLITE)
    finally:
        raw.close()


class _Enough(Exception):
    """Leaves a transaction, so that nothing of it stays."""


async def _both_in_postgresql(
    database: Database, statements: Sequence[str]
) -> tuple[dict[str, SeenTable], dict[str, SeenTable]]:
    seen: list[dict[str, SeenTable]] = []
    with suppress(_Enough):
        async with database.transaction():
            seen.append(await read(database.fetch, POSTGRESQL, _HERE))
            # Temporary tables need no right that the application lacks, and lock nothing of the real ones.
            await database.script(["set local search_path = pg_temp", *statements])
            seen.append(await read(database.fetch, POSTGRESQL, "pg_my_temp_schema()"))
            raise _Enough
    return seen[0], seen[1]


def _compare(name: str, wanted: SeenTable, there: SeenTable | None) -> Iterator[str]:
    if there is None:
        yield f"Table {name} is declared but missing; run `crm migrate`, or write the migration that makes it."
        return
    yield from _columns(name, wanted, there)
    for column, link in wanted.links.items():
        if there.links.get(column) != link:
            now = there.links.get(column, "none")
            yield f"{name}.{column} is declared as a link to {link} but is {now}; a migration has to alter it."
    yield from _indexes(name, wanted.indexes, there.indexes)


async def _triggers(database: Database) -> set[str]:
    sql = {
        "sqlite": "select name from sqlite_master where type = 'trigger'",
        "postgresql": f"select tgname from pg_trigger t join pg_class c on c.oid = tgrelid where relnamespace = {_HERE}",
    }[database.dialect]
    return {str(name) for (name,) in await database.fetch(sql)}


def _uncounted(specs: Sequence[TableSpec], triggers: set[str]) -> Iterator[str]:
    for spec in specs:
        for kept in spec.totals:
            if not triggers.issuperset(trigger_names(kept)):
                yield f"Table {spec.name} is declared to be counted in {kept.table}, but the triggers are missing; a migration has to keep_totals."


def _columns(name: str, wanted: SeenTable, there: SeenTable) -> Iterator[str]:
    for column, said in wanted.columns.items():
        if column not in there.columns:
            yield f"Column {name}.{column} is declared but missing; a migration has to add it."
        elif there.columns[column] != said:
            yield f"Column {name}.{column} is declared {said!r} but is {there.columns[column]!r}; a migration has to alter it."
    for column in sorted(there.columns.keys() - wanted.columns.keys()):
        yield f"Column {name}.{column} exists but is not declared; declare it, or drop it in a migration."


def _indexes(name: str, wanted: dict[str, str], there: dict[str, str]) -> Iterator[str]:
    for index, said in wanted.items():
        if index not in there:
            yield f"Index {index} of {name} is declared but missing; a migration has to create it."
        elif there[index] != said:
            yield f"Index {index} of {name} is declared {said!r} but is {there[index]!r}; a migration has to replace it."
    for index in sorted(there.keys() - wanted.keys()):
        # An operator may add indexes for speed; one that refuses rows changes what the program does.
        if there[index].lower().startswith("create unique"):
            yield f"Index {index} of {name} refuses duplicates but is not declared; declare it, or drop it in a migration."
