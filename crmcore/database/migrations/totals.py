"""Operations on the totals that triggers keep of a table."""

# ruff: noqa: ARG002 - each operation has the methods of `Operation`, whether or not it needs all they get

from __future__ import annotations

from dataclasses import dataclass, replace

from crmcore.database import totals as t
from crmcore.database.migrations import state as s
from crmcore.database.migrations.migration import Misfit, Operation, State, Step
from crmcore.database.schema import TableSpec, Totals

__all__ = ["DropTotals", "KeepTotals", "drop_totals", "keep_totals", "refuse_if_counted"]


def keep_totals(table: str, totals: Totals) -> Operation:
    """Count what a table holds, and keep counting. The totals' own table must exist and be empty."""
    return KeepTotals(table, totals)


def drop_totals(table: str, totals: str) -> Operation:
    """Stop counting; the totals' table, named `totals`, stays as it is."""
    return DropTotals(table, totals)


def refuse_if_counted(table: TableSpec, column: str | None = None) -> None:
    """Refuse to rename a table or to touch a column that triggers name.

    Raises:

        Misfit: totals are kept of it.
    """
    for totals in table.totals:
        if column is None or column in (*totals.by, *totals.sums):
            what = table.name if column is None else f"{table.name}.{column}"
            msg = (
                f"{what} is counted in {totals.table}; put drop_totals before this operation and keep_totals after it."
            )
            raise Misfit(msg)


@dataclass(frozen=True, slots=True)
class KeepTotals:
    """Totals more."""

    table: str
    totals: Totals

    def after(self, state: State) -> State:
        table, kept = s.find_table(state, self.table), s.find_table(state, self.totals.table)
        if any(known.table == kept.name for known in table.totals):
            msg = f"{kept.name} has totals of {self.table} already; drop_totals first."
            raise Misfit(msg)
        for column in (*self.totals.by, *self.totals.sums):
            s.find_column(state, self.table, column)
        for column in (*self.totals.by, *self.totals.counters):
            s.find_column(state, kept.name, column)
        return s.with_table(state, replace(table, totals=(*table.totals, self.totals)))

    def steps(self, dialect: str, state: State) -> list[Step]:
        table = s.find_table(state, self.table)
        return [Step(text) for text in (*t.keep(dialect, table, self.totals), t.fill(table, self.totals))]

    def reverse(self, state: State) -> Operation:
        return DropTotals(self.table, self.totals.table)


@dataclass(frozen=True, slots=True)
class DropTotals:
    """Totals less."""

    table: str
    name: str

    def after(self, state: State) -> State:
        table, gone = s.find_table(state, self.table), self._found(state)
        return s.with_table(state, replace(table, totals=tuple(known for known in table.totals if known != gone)))

    def steps(self, dialect: str, state: State) -> list[Step]:
        texts = [*t.drop(dialect, self.table, self._found(state)), f'delete from "{self.name}"']
        return [Step(text) for text in texts]

    def reverse(self, state: State) -> Operation:
        return KeepTotals(self.table, self._found(state))

    def _found(self, state: State) -> Totals:
        for totals in s.find_table(state, self.table).totals:
            if totals.table == self.name:
                return totals
        msg = f"Table {self.table!r} has no totals in {self.name!r} at this point."
        raise Misfit(msg)
