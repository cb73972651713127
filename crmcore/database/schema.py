"""The shape of a table, apart from any database: what migrations make and the drift check compares."""

from __future__ import annotations

import re
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

__all__ = ["ColumnSpec", "Index", "TableSpec", "Totals", "declared_indexes", "declared_totals", "short"]

#: PostgreSQL cuts longer names, in silence.
_LONGEST = 63


@dataclass(frozen=True, slots=True)
class Index:
    """An index; declared in a table's `__indexes__`.

    Attributes:

        columns: column names or SQL expressions both databases know (`lower(name)`), with ` desc` where wanted.
        unique: whether no two rows may agree; with `live=True` only rows that are not deleted count.
        live: restrict it to rows with `deleted_at is null`.
        where: another condition, SQL that both databases know, without values from outside.
        name: `<table>_<columns>_idx` (or `_key`) when not given.
    """

    columns: tuple[str, ...]
    unique: bool = False
    live: bool = False
    where: str | None = None
    name: str | None = None

    def named(self, table: str) -> str:
        """Return the name it has on a table."""
        parts = [table, *(re.sub(r"\W+", "_", column).strip("_") for column in self.columns)]
        return short(self.name or "_".join([*parts, "key" if self.unique else "idx"]))


@dataclass(frozen=True, slots=True)
class ColumnSpec:
    """A column.

    Attributes:

        name: snake case.
        kind: name of a kind of value (`crmcore.entities.kinds`): text, enum, int, bigint, float, bool, instant, date, id, json.
        null: whether it may be empty.
        default: what the database fills in where nothing is given: a text, number, truth value, or JSON list or object.
        primary: whether it is the primary key.
        references: the table whose `id` it must hold, None if any value will do.
        on_delete: what deleting that row does: RESTRICT, CASCADE or SET NULL.
    """

    name: str
    kind: str
    null: bool = False
    default: Any = None
    primary: bool = False
    references: str | None = None
    on_delete: str = "RESTRICT"


@dataclass(frozen=True, slots=True)
class Totals:
    """Running counts and sums of a table's live rows, kept by triggers; declared in a table's `__totals__`.

    Attributes:

        table: where they are kept: a table of its own with the columns of `by`, `rows`, and for each of `sums` the sum
            under the same name and under `<name>_count` how many rows have a value.
        by: columns by whose values rows are counted.
        sums: whole numbers that are added up.
    """

    table: str
    by: tuple[str, ...]
    sums: tuple[str, ...] = ()

    @property
    def counters(self) -> tuple[str, ...]:
        """The columns that hold numbers."""
        return ("rows", *(name for s in self.sums for name in (s, f"{s}_count")))


@dataclass(frozen=True, slots=True)
class TableSpec:
    """A table with its indexes and the totals that are kept of it."""

    name: str
    columns: tuple[ColumnSpec, ...]
    indexes: tuple[Index, ...] = ()
    totals: tuple[Totals, ...] = ()

    def column(self, name: str) -> ColumnSpec | None:
        """Return a column, None if there is none of this name."""
        return next((column for column in self.columns if column.name == name), None)

    def kept(self, totals: Totals) -> TableSpec:
        """Return the table in which totals of this one are kept."""
        by = [ColumnSpec(c.name, c.kind, null=True) for c in self.columns if c.name in totals.by]
        sums = [ColumnSpec(name, "bigint", default=0) for name in totals.counters]
        return TableSpec(totals.table, (*by, *sums), (Index(totals.by),))


def declared_indexes(table: type) -> tuple[Index, ...]:
    """Return a table class's `__indexes__`, none if it declares none."""
    found: tuple[Index, ...] = getattr(table, "__indexes__", ())
    return found


def declared_totals(table: type) -> tuple[Totals, ...]:
    """Return a table class's `__totals__`, none if it declares none."""
    found: tuple[Totals, ...] = getattr(table, "__totals__", ())
    return found


def short(name: str) -> str:
    """Return a name that PostgreSQL keeps whole: a long one ends in a digest of all of it."""
    if len(name) <= _LONGEST:
        return name
    return f"{name[: _LONGEST - 9]}_{sha256(name.encode()).hexdigest()[:8]}"
