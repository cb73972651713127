"""From the tables that migrations make to the tables that are declared: the operations between."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from crmcore.database.declared import in_order
from crmcore.database.migrations.altering import AlterColumn
from crmcore.database.migrations.columns import AddColumn, DropColumn
from crmcore.database.migrations.indexes import CreateIndex, DropIndex
from crmcore.database.migrations.migration import Operation, State
from crmcore.database.migrations.tables import CreateTables, DropTables
from crmcore.database.migrations.totals import DropTotals, KeepTotals
from crmcore.database.schema import TableSpec

__all__ = ["difference"]


def difference(state: State, declared: Sequence[TableSpec]) -> list[Operation]:
    """Return the operations. A renamed table or column looks like one that goes and one that comes."""
    wanted = {table.name: table for table in declared}
    operations: list[Operation] = [
        DropTotals(name, kept.table)
        for name, table in state.items()
        for kept in table.totals
        if name not in wanted or kept not in wanted[name].totals
    ]
    operations += [CreateTables((replace(t, totals=()),)) for t in in_order(declared) if t.name not in state]
    for name, table in wanted.items():
        if name in state:
            operations += _changes(state[name], table)
    gone = in_order([table for name, table in state.items() if name not in wanted])
    operations += [DropTables((table.name,)) for table in reversed(gone)]
    for name, table in wanted.items():
        known = state[name].totals if name in state else ()
        operations += [KeepTotals(name, kept) for kept in table.totals if kept not in known]
    return operations


def _changes(before: TableSpec, after: TableSpec) -> Iterable[Operation]:
    """Return the changes of one table: indexes that go, columns, indexes that come."""
    name = after.name
    dropped = {column.name for column in before.columns} - {column.name for column in after.columns}
    indexes = {index.named(name): index for index in after.indexes}
    for index in before.indexes:
        if indexes.get(index.named(name)) != index:
            yield DropIndex(name, index.named(name))
    for column in after.columns:
        old = before.column(column.name)
        if old is None:
            yield AddColumn(name, column)
        elif old != column:
            yield AlterColumn(name, column)
    for column_name in sorted(dropped):
        yield DropColumn(name, column_name)
    kept = {index.named(name): index for index in before.indexes}
    for index_name, index in indexes.items():
        if kept.get(index_name) != index:
            yield CreateIndex(name, index)
