"""Columns that come, go and are renamed; where SQLite has no ALTER for one, the table is rebuilt."""

# ruff: noqa: ARG002 - each operation has the methods of `Operation`, whether or not it needs all they get

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from crmcore.database import ddl
from crmcore.database.migrations import state as s
from crmcore.database.migrations.emptiness import emptiness
from crmcore.database.migrations.indexes import renames
from crmcore.database.migrations.migration import Misfit, Operation, State, Step
from crmcore.database.migrations.rebuild import rebuild
from crmcore.database.migrations.totals import refuse_if_counted
from crmcore.database.schema import ColumnSpec, TableSpec

__all__ = ["AddColumn", "DropColumn", "RenameColumn", "add_column", "drop_column", "rename_column"]


def add_column(table: str, column: ColumnSpec, *, fill: Any = None) -> Operation:
    """Add a column.

    Args:

        table: to which table.
        column: one that is not `null` needs a `default` or a `fill`.
        fill: what the rows that exist get; it does not become the default.
    """
    return AddColumn(table, column, fill)


def drop_column(table: str, name: str) -> Operation:
    """Drop a column with its values and the indexes that have to do with it."""
    return DropColumn(table, name)


def rename_column(table: str, old: str, new: str) -> Operation:
    """Call a column otherwise; its indexes follow."""
    return RenameColumn(table, old, new)


@dataclass(frozen=True, slots=True)
class AddColumn:
    """A column more."""

    table: str
    column: ColumnSpec
    fill: Any = None

    def after(self, state: State) -> State:
        table, column = s.find_table(state, self.table), self.column
        if table.column(column.name):
            msg = f"Table {self.table!r} has a column {column.name!r} already; alter it instead."
            raise Misfit(msg)
        if not column.null and column.default is None and self.fill is None:
            msg = (
                f"{self.table}.{column.name} may not be empty and has no default, so the rows that exist would have nothing "
                "in it; declare null=True or a default, or give fill=."
            )
            raise Misfit(msg)
        return s.with_table(state, replace(table, columns=(*table.columns, column)))

    def steps(self, dialect: str, state: State) -> list[Step]:
        column = self.column
        if self.fill is None:
            return [Step(self._statement(dialect, column))]
        if dialect == "sqlite":
            filled = {column.name: ddl.literal(dialect, column, self.fill)}
            return rebuild(state[self.table], self.after(state)[self.table], filled)
        return [
            Step(self._statement(dialect, replace(column, default=self.fill))),
            Step(
                f"alter table {ddl.quote(self.table)} alter column {ddl.quote(column.name)} {ddl.default_clause(dialect, column)}"
            ),
        ]

    def reverse(self, state: State) -> Operation:
        return DropColumn(self.table, self.column.name)

    def _statement(self, dialect: str, column: ColumnSpec) -> str:
        name = ddl.foreign_key_name(self.table, column.name)
        definition = ddl.column_definition(dialect, column, inline=True, constraint=name)
        return f"alter table {ddl.quote(self.table)} add column {definition}"


@dataclass(frozen=True, slots=True)
class DropColumn:
    """A column less."""

    table: str
    name: str

    def after(self, state: State) -> State:
        if s.find_column(state, self.table, self.name).primary:
            msg = f"{self.table}.{self.name} is the primary key; drop the table instead."
            raise Misfit(msg)
        refuse_if_counted(state[self.table], self.name)
        return s.with_table(state, _without(state[self.table], self.name))

    def steps(self, dialect: str, state: State) -> list[Step]:
        before, after = s.find_table(state, self.table), self.after(state)[self.table]
        if dialect == "sqlite" and s.find_column(state, self.table, self.name).references:
            return rebuild(before, after)  # SQLite drops no column that is a link
        unindexed = [
            f"drop index {ddl.quote(index.named(self.table))}" for index in before.indexes if index not in after.indexes
        ]
        dropped = f"alter table {ddl.quote(self.table)} drop column {ddl.quote(self.name)}"
        return [Step(text) for text in (*unindexed, dropped)]

    def reverse(self, state: State) -> Operation:
        return RestoreColumn(
            self.table,
            self.name,
            s.find_table(state, self.table),
            emptiness(self.table, s.find_column(state, self.table, self.name)),
        )


@dataclass(frozen=True, slots=True)
class RestoreColumn:
    """A dropped column comes back, with its indexes but without its values."""

    table: str
    name: str
    before: TableSpec
    fill: Any

    def after(self, state: State) -> State:
        return s.with_table(state, self.before)

    def steps(self, dialect: str, state: State) -> list[Step]:
        column = self.before.column(self.name)
        assert column is not None
        add = AddColumn(self.table, column, self.fill)
        steps, added = add.steps(dialect, state), add.after(state)[self.table]
        missing = [index for index in self.before.indexes if index not in added.indexes]
        return [*steps, *(Step(ddl.create_index(self.table, index)) for index in missing)]

    def reverse(self, state: State) -> Operation:
        return DropColumn(self.table, self.name)


@dataclass(frozen=True, slots=True)
class RenameColumn:
    """A column gets another name."""

    table: str
    old: str
    new: str

    def after(self, state: State) -> State:
        s.find_column(state, self.table, self.old)
        refuse_if_counted(state[self.table], self.old)
        if state[self.table].column(self.new):
            msg = f"Table {self.table!r} has a column {self.new!r} already; choose another name."
            raise Misfit(msg)
        return s.with_table(state, s.renamed_column(state[self.table], self.old, self.new))

    def steps(self, dialect: str, state: State) -> list[Step]:
        before, after = s.find_table(state, self.table), self.after(state)[self.table]
        renamed = f"alter table {ddl.quote(self.table)} rename column {ddl.quote(self.old)} to {ddl.quote(self.new)}"
        return [Step(text) for text in (renamed, *renames(dialect, before, after))]

    def reverse(self, state: State) -> Operation:
        return RenameColumn(self.table, self.new, self.old)


def _without(table: TableSpec, name: str) -> TableSpec:
    return replace(
        table,
        columns=tuple(column for column in table.columns if column.name != name),
        indexes=tuple(index for index in table.indexes if not s.mentions(index, name)),
    )
