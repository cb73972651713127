"""Operations on whole tables."""

# ruff: noqa: ARG002 - each operation has the methods of `Operation`, whether or not it needs all they get

from __future__ import annotations

from dataclasses import dataclass

from crmcore.database import ddl
from crmcore.database.migrations import state as s
from crmcore.database.migrations.indexes import renames
from crmcore.database.migrations.migration import Misfit, Operation, State, Step
from crmcore.database.migrations.totals import refuse_if_counted
from crmcore.database.schema import TableSpec

__all__ = ["CreateTables", "DropTables", "RenameTable", "create_table", "drop_table", "rename_table"]


def create_table(table: TableSpec) -> Operation:
    """Make a table with its indexes. Tables that follow each other may link to each other in circles."""
    return CreateTables((table,))


def drop_table(name: str) -> Operation:
    """Drop a table and all its rows."""
    return DropTables((name,))


def rename_table(old: str, new: str) -> Operation:
    """Call a table otherwise; its indexes and links to it follow."""
    return RenameTable(old, new)


@dataclass(frozen=True, slots=True)
class CreateTables:
    """Tables that are made together."""

    tables: tuple[TableSpec, ...]

    def after(self, state: State) -> State:
        for table in self.tables:
            if table.name in state:
                msg = f"The table {table.name!r} exists already at this point; drop or rename it first."
                raise Misfit(msg)
            state = s.with_table(state, table)
        return state

    def steps(self, dialect: str, state: State) -> list[Step]:
        return [Step(text) for text in ddl.create_tables(dialect, self.tables)]

    def reverse(self, state: State) -> Operation:
        return DropTables(tuple(table.name for table in reversed(self.tables)))


@dataclass(frozen=True, slots=True)
class DropTables:
    """Tables that go together."""

    names: tuple[str, ...]

    def after(self, state: State) -> State:
        for name in self.names:
            refuse_if_counted(s.find_table(state, name))
            state = s.without_table(state, name)
        return state

    def steps(self, dialect: str, state: State) -> list[Step]:
        unlinked = [
            f"alter table {ddl.quote(name)} drop constraint {ddl.quote(ddl.foreign_key_name(name, column.name))}"
            for name in self.names
            for column in s.find_table(state, name).columns
            if dialect == "postgresql" and column.references in self.names
        ]
        return [Step(text) for text in (*unlinked, *(f"drop table {ddl.quote(name)}" for name in self.names))]

    def reverse(self, state: State) -> Operation:
        return CreateTables(tuple(s.find_table(state, name) for name in reversed(self.names)))


@dataclass(frozen=True, slots=True)
class RenameTable:
    """A table gets another name."""

    old: str
    new: str

    def after(self, state: State) -> State:
        refuse_if_counted(s.find_table(state, self.old))
        if self.new in state:
            msg = f"The table {self.new!r} exists already at this point; choose another name."
            raise Misfit(msg)
        return s.renamed_table(state, self.old, self.new)

    def steps(self, dialect: str, state: State) -> list[Step]:
        before, after = s.find_table(state, self.old), self.after(state)[self.new]
        texts = [f"alter table {ddl.quote(self.old)} rename to {ddl.quote(self.new)}", *renames(dialect, before, after)]
        return [Step(text) for text in texts]

    def reverse(self, state: State) -> Operation:
        return RenameTable(self.new, self.old)
