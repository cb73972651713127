"""Operations on indexes, and how indexes and foreign keys follow when their table or column is renamed."""

# ruff: noqa: ARG002 - each operation has the methods of `Operation`, whether or not it needs all they get

from __future__ import annotations

from dataclasses import dataclass, replace

from crmcore.database import ddl
from crmcore.database.migrations import state as s
from crmcore.database.migrations.migration import Misfit, Operation, State, Step
from crmcore.database.schema import Index, TableSpec

__all__ = ["CreateIndex", "DropIndex", "create_index", "drop_index", "renames"]


def create_index(table: str, index: Index) -> Operation:
    """Make an index."""
    return CreateIndex(table, index)


def drop_index(table: str, name: str) -> Operation:
    """Drop an index by the name it has in the database."""
    return DropIndex(table, name)


def renames(dialect: str, before: TableSpec, after: TableSpec) -> list[str]:
    """Return the statements by which names derived from a table's or a column's name follow it."""
    texts = []
    for old, new in zip(before.indexes, after.indexes, strict=True):
        old_name, new_name = old.named(before.name), new.named(after.name)
        if old_name == new_name:
            continue
        if dialect == "postgresql":
            texts.append(f"alter index {ddl.quote(old_name)} rename to {ddl.quote(new_name)}")
        else:
            texts += [f"drop index {ddl.quote(old_name)}", ddl.create_index(after.name, new)]
    if dialect == "postgresql":
        texts += _renamed_links(before, after)
    return texts


def _renamed_links(before: TableSpec, after: TableSpec) -> list[str]:
    names = [
        (ddl.foreign_key_name(before.name, old.name), ddl.foreign_key_name(after.name, new.name))
        for old, new in zip(before.columns, after.columns, strict=True)
        if old.references
    ]
    table = ddl.quote(after.name)
    return [
        f"alter table {table} rename constraint {ddl.quote(old)} to {ddl.quote(new)}"
        for old, new in names
        if old != new
    ]


@dataclass(frozen=True, slots=True)
class CreateIndex:
    """An index more."""

    table: str
    index: Index

    def after(self, state: State) -> State:
        table = s.find_table(state, self.table)
        name = self.index.named(self.table)
        if any(index.named(self.table) == name for index in table.indexes):
            msg = f"Table {self.table!r} has an index {name!r} already; give the new one a name of its own."
            raise Misfit(msg)
        return s.with_table(state, replace(table, indexes=(*table.indexes, self.index)))

    def steps(self, dialect: str, state: State) -> list[Step]:
        return [Step(ddl.create_index(self.table, self.index))]

    def reverse(self, state: State) -> Operation:
        return DropIndex(self.table, self.index.named(self.table))


@dataclass(frozen=True, slots=True)
class DropIndex:
    """An index less."""

    table: str
    name: str

    def after(self, state: State) -> State:
        gone = s.find_index(state, self.table, self.name)
        table = state[self.table]
        return s.with_table(state, replace(table, indexes=tuple(index for index in table.indexes if index != gone)))

    def steps(self, dialect: str, state: State) -> list[Step]:
        return [Step(f"drop index {ddl.quote(self.name)}")]

    def reverse(self, state: State) -> Operation:
        return CreateIndex(self.table, s.find_index(state, self.table, self.name))
