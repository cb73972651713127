"""From a declared Piccolo table to its shape."""

from __future__ import annotations

import datetime
import uuid
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from typing import Any

from piccolo.columns import (
    JSON,
    UUID,
    BigInt,
    Boolean,
    Column,
    Date,
    DoublePrecision,
    ForeignKey,
    Integer,
    OnDelete,
    Text,
    Timestamptz,
    Varchar,
)
from piccolo.table import Table

from crmcore.database.schema import ColumnSpec, TableSpec, declared_indexes, declared_totals
from crmcore.entities.columns import Facts

__all__ = ["in_order", "on_delete_of", "table_spec", "table_specs"]

#: Bare Piccolo columns a table that is no entity may have; the first match counts.
_BARE: tuple[tuple[type[Column], str], ...] = (
    (UUID, "id"),
    (BigInt, "bigint"),
    (Integer, "int"),
    (Boolean, "bool"),
    (DoublePrecision, "float"),
    (Timestamptz, "instant"),
    (Date, "date"),
    (JSON, "json"),
    (Text, "text"),
    (Varchar, "text"),
)
_ON_DELETE = {OnDelete.restrict: "RESTRICT", OnDelete.cascade: "CASCADE", OnDelete.set_null: "SET NULL"}


def table_spec(table: type[Table]) -> TableSpec:
    """Return the shape of a table made of `crmcore.entities.columns` or of simple Piccolo columns.

    Raises:

        TypeError: a column is of a type that crmcore does not store alike on both databases.
    """
    return TableSpec(
        str(table._meta.tablename),
        tuple(_column(column) for column in table._meta.columns),
        declared_indexes(table),
        declared_totals(table),
    )


@lru_cache(1000)
def on_delete_of(table: type[Table]) -> Mapping[str, str]:
    """Return what becomes of a table's rows when the row goes to which a column leads, by column: `"CASCADE"`, ...

    Asked for every pair of entities when a record is destroyed, so it is worked out once.
    """
    return {column.name: column.on_delete for column in table_spec(table).columns}


def table_specs(tables: Iterable[type[Table]]) -> list[TableSpec]:
    """Return the shapes of tables and of those that keep their totals, targets of links before what links to them."""
    specs = [table_spec(table) for table in tables]
    return in_order([*specs, *(spec.kept(totals) for spec in specs for totals in spec.totals)])


def in_order(specs: Sequence[TableSpec]) -> list[TableSpec]:
    """Sort tables so that a link's target comes first; in a circle the given order counts."""
    by_name = {spec.name: spec for spec in specs}
    done: dict[str, TableSpec] = {}
    seen: set[str] = set()

    def visit(spec: TableSpec) -> None:
        if spec.name in seen:
            return
        seen.add(spec.name)
        for column in spec.columns:
            if column.references in by_name:
                visit(by_name[column.references])
        done[spec.name] = spec

    for spec in specs:
        visit(spec)
    return list(done.values())


def _column(column: Column) -> ColumnSpec:
    meta = column._meta
    references, on_delete = None, "RESTRICT"
    if isinstance(column, ForeignKey):
        target = column._foreign_key_meta.resolved_references
        references = str(target._meta.tablename)
        on_delete = _ON_DELETE[column._foreign_key_meta.on_delete]
    said = getattr(column, "_crm_facts", None)
    kind, default = (
        (said.kind.name, _said_default(said)) if isinstance(said, Facts) else (_bare(column), _bare_default(column))
    )
    return ColumnSpec(
        meta.db_column_name, kind, bool(meta.null), default, bool(meta.primary_key), references, on_delete
    )


def _said_default(said: Facts) -> Any:
    return said.default if _is_literal(said.default) else None


def _bare(column: Column) -> str:
    if isinstance(column, ForeignKey):
        return "id"
    for kind, name in _BARE:
        if isinstance(column, kind):
            return name
    meta = column._meta
    msg = (
        f"{meta.table.__name__}.{meta.name} is a {type(column).__name__}, which the two databases store differently; "
        "use crmcore.entities.columns, or one of Piccolo's UUID, Text, Varchar, Integer, BigInt, DoublePrecision, "
        "Boolean, Timestamptz, Date, JSON."
    )
    raise TypeError(msg)


def _bare_default(column: Column) -> Any:
    # Piccolo gives every column a default of its type ("" or 0); it says nothing, and Piccolo fills it in itself.
    default = getattr(column, "default", None)
    return default if _is_literal(default) and default not in ("", 0, 0.0) else None


def _is_literal(value: Any) -> bool:
    return isinstance(value, str | int | float | bool | list | dict) and not isinstance(
        value, uuid.UUID | datetime.date
    )
