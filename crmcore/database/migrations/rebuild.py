"""A SQLite table made anew: a copy in the new shape takes the old one's place (https://sqlite.org/lang_altertable.html, section 7).

The runner has switched foreign keys off before the transaction, as that procedure asks, or dropping the old table
would delete what links to it; it checks them before the commit.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from crmcore.database import ddl, totals
from crmcore.database.migrations.migration import Misfit, Step
from crmcore.database.schema import TableSpec

if TYPE_CHECKING:
    from crmcore.database.facade import Database

__all__ = ["rebuild"]


def rebuild(before: TableSpec, after: TableSpec, values: Mapping[str, str] | None = None) -> list[Step]:
    """Return the steps.

    Args:

        before: the table as it is.
        after: as it shall be, under the same name; columns of the same name keep their values.
        values: SQL of what other columns get, or what is put in the place of a kept value.
    """
    values = values or {}
    kept = [column.name for column in after.columns if before.column(column.name) or column.name in values]
    sources = ", ".join(values.get(name) or ddl.quote(name) for name in kept)
    copy = f"crm_rebuild_{after.name}"
    return [
        _guard(before),
        *(Step(text) for text in ddl.create_table("sqlite", after, name=copy)),
        Step(f"insert into {ddl.quote(copy)} ({ddl.quoted(kept)}) select {sources} from {ddl.quote(before.name)}"),
        Step(f"drop table {ddl.quote(before.name)}"),
        Step(f"alter table {ddl.quote(copy)} rename to {ddl.quote(after.name)}"),
        *(Step(ddl.create_index(after.name, index)) for index in after.indexes),
        *(Step(text) for kept in after.totals for text in totals.keep("sqlite", after, kept)),
    ]


def _guard(table: TableSpec) -> Step:
    """Return the step that stops when the table holds what the copy would lose."""

    known = {index.named(table.name) for index in table.indexes}
    known |= {name for kept in table.totals for name in totals.trigger_names(kept)}

    async def check(database: Database) -> None:
        there = {name for (name,) in await database.fetch("select name from pragma_table_xinfo($1)", table.name)}
        strange = there ^ {column.name for column in table.columns}
        strange |= {
            name
            for (name,) in await database.fetch(
                "select name from sqlite_master where tbl_name = $1 and type in ('trigger', 'index') and sql is not null",
                table.name,
            )
        } - known
        if strange:
            msg = (
                f"Table {table.name!r} differs from what the migrations before made of it ({', '.join(sorted(strange))}), and "
                "rebuilding it would lose that; undo what was changed by hand, or do it in a migration."
            )
            raise Misfit(msg)

    return Step(
        f"-- {table.name} is rebuilt; stops if it has columns, indexes or triggers that no migration made", check
    )
