"""A column that changes: one ALTER after the other on PostgreSQL, a rebuilt table on SQLite."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from crmcore.database import ddl
from crmcore.database.migrations import state as s
from crmcore.database.migrations.emptiness import emptiness
from crmcore.database.migrations.migration import Misfit, Operation, State, Step
from crmcore.database.migrations.rebuild import rebuild
from crmcore.database.migrations.totals import refuse_if_counted
from crmcore.database.schema import ColumnSpec

__all__ = ["AlterColumn", "alter_column"]


def alter_column(table: str, column: ColumnSpec, *, fill: Any = None) -> Operation:
    """Give a column another kind, nullability, default or target.

    Args:

        table: of which table.
        column: how it shall be; its name says which it is.
        fill: what rows get that have none, where it was `null` and is no more; the default if not given.
    """
    return AlterColumn(table, column, fill)


@dataclass(frozen=True, slots=True)
class AlterColumn:
    """A column changes."""

    table: str
    column: ColumnSpec
    fill: Any = None

    def after(self, state: State) -> State:
        before, column = s.find_column(state, self.table, self.column.name), self.column
        if before.primary or column.primary:
            msg = f"{self.table}.{column.name} is the primary key, which cannot change; make another table."
            raise Misfit(msg)
        if before.null and not column.null and self.fill is None and column.default is None:
            msg = (
                f"{self.table}.{column.name} may not be empty any more, and rows without a value would have nothing in it; "
                "declare a default or give fill=."
            )
            raise Misfit(msg)
        table = state[self.table]
        refuse_if_counted(table, column.name)
        columns = tuple(column if c.name == column.name else c for c in table.columns)
        return s.with_table(state, replace(table, columns=columns))

    def steps(self, dialect: str, state: State) -> list[Step]:
        before, column = s.find_column(state, self.table, self.column.name), self.column
        fill = column.default if self.fill is None else self.fill
        filled = ddl.literal(dialect, column, fill) if before.null and not column.null else None
        if dialect == "sqlite":
            name = ddl.quote(column.name)
            values = {column.name: f"coalesce({name}, {filled})"} if filled else {}
            return rebuild(state[self.table], self.after(state)[self.table], values)
        return [Step(text) for text in _alter(self.table, before, column, filled)]

    def reverse(self, state: State) -> Operation:
        before = s.find_column(state, self.table, self.column.name)
        # Where it may not be empty after the change either, every row has a value.
        fill = emptiness(self.table, before) if self.column.null else None
        return AlterColumn(self.table, before, fill)


def _alter(table: str, before: ColumnSpec, after: ColumnSpec, filled: str | None) -> list[str]:
    """Return PostgreSQL's statements."""
    alter, name = f"alter table {ddl.quote(table)}", ddl.quote(after.name)
    link = ddl.quote(ddl.foreign_key_name(table, after.name))
    relinked = (before.references, before.on_delete) != (after.references, after.on_delete)
    old_type, new_type = ddl.column_type("postgresql", before), ddl.column_type("postgresql", after)
    texts = []
    if before.references and relinked:
        texts.append(f"{alter} drop constraint {link}")
    if old_type != new_type:
        texts += [
            f"{alter} alter column {name} drop default",
            f"{alter} alter column {name} type {new_type} using {name}::{new_type}",
        ]
    if old_type != new_type or before.default != after.default:
        texts.append(f"{alter} alter column {name} {ddl.default_clause('postgresql', after)}")
    if filled is not None:
        texts.append(f"update {ddl.quote(table)} set {name} = {filled} where {name} is null")
    if before.null != after.null:
        texts.append(f"{alter} alter column {name} {'drop' if after.null else 'set'} not null")
    if after.references and relinked:
        texts.append(ddl.add_foreign_key(table, after))
    return texts
