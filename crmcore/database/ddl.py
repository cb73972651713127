"""The statements that make, change and drop tables, in either dialect."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Sequence
from typing import Any

from crmcore.database.schema import ColumnSpec, Index, TableSpec, short
from crmcore.entities.kinds import KINDS

__all__ = [
    "add_foreign_key",
    "column_definition",
    "column_type",
    "create_index",
    "create_table",
    "create_tables",
    "default_clause",
    "foreign_key_name",
    "literal",
    "quote",
    "quoted",
]

_NAME = re.compile(r"\w+")
_SORTED = re.compile(r"(\w+) (asc|desc)", re.IGNORECASE)


def create_tables(dialect: str, tables: Sequence[TableSpec]) -> list[str]:
    """Return the statements that make tables with their indexes; links may go in circles.

    SQLite does not mind a link to a table that comes later. PostgreSQL gets the foreign keys after all tables.
    """
    later = [
        add_foreign_key(table.name, column)
        for table in tables
        for column in table.columns
        if dialect == "postgresql" and column.references
    ]
    made = [statement for table in tables for statement in create_table(dialect, table)]
    return [*made, *later]


def create_table(dialect: str, table: TableSpec, *, name: str | None = None) -> list[str]:
    """Return the statements for one table and its indexes, on PostgreSQL without foreign keys.

    Args:

        dialect: which database.
        table: the shape.
        name: another name for the table, which then gets no indexes (for a rebuild).
    """
    lines = ",\n  ".join(column_definition(dialect, column, inline=dialect == "sqlite") for column in table.columns)
    indexes = [create_index(table.name, index) for index in table.indexes] if name is None else []
    return [f"create table {quote(name or table.name)} (\n  {lines}\n)", *indexes]


def column_definition(dialect: str, column: ColumnSpec, *, inline: bool, constraint: str | None = None) -> str:
    """Return a column as it stands in a table; `inline` with its foreign key, called `constraint` on PostgreSQL."""
    words = [quote(column.name), column_type(dialect, column)]
    if column.primary:
        words.append("primary key")
    if not column.null:
        words.append("not null")
    if column.default is not None:
        words.append(f"default {literal(dialect, column, column.default)}")
    if inline and column.references:
        words += [f"constraint {quote(constraint)}"] if constraint and dialect == "postgresql" else []
        words.append(_reference(column))
    return " ".join(words)


def column_type(dialect: str, column: ColumnSpec) -> str:
    """Return the SQL type of a column."""
    kind = KINDS[column.kind]
    return kind.sqlite if dialect == "sqlite" else kind.postgresql


def add_foreign_key(table: str, column: ColumnSpec) -> str:
    """Return PostgreSQL's statement for a foreign key."""
    name = quote(foreign_key_name(table, column.name))
    return f"alter table {quote(table)} add constraint {name} foreign key ({quote(column.name)}) {_reference(column)}"


def foreign_key_name(table: str, column: str) -> str:
    """Return what PostgreSQL calls a foreign key."""
    return short(f"{table}_{column}_fkey")


def create_index(table: str, index: Index) -> str:
    """Return the statement for an index, the same on both."""
    unique = "unique " if index.unique else ""
    conditions = [*(["deleted_at is null"] if index.live else []), *([f"({index.where})"] if index.where else [])]
    where = f" where {' and '.join(conditions)}" if conditions else ""
    keys = ", ".join(_key(column) for column in index.columns)
    return f"create {unique}index {quote(index.named(table))} on {quote(table)} ({keys}){where}"


def quote(name: str) -> str:
    """Write an identifier; they come from declarations only.

    Raises:

        ValueError: it has other characters than letters, digits and `_`.
    """
    if not _NAME.fullmatch(name):
        msg = f"{name!r} cannot be the name of a table, column or index; use lower-case letters, digits and _."
        raise ValueError(msg)
    return f'"{name}"'


def quoted(names: Iterable[str]) -> str:
    """Write identifiers with commas between."""
    return ", ".join(map(quote, names))


def default_clause(dialect: str, column: ColumnSpec) -> str:
    """Return what ALTER COLUMN says of a default."""
    return "drop default" if column.default is None else f"set default {literal(dialect, column, column.default)}"


def literal(dialect: str, column: ColumnSpec, value: Any) -> str:
    """Write a declared default as SQL."""
    if isinstance(value, list | dict) or column.kind == "json":
        value = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    if isinstance(value, bool):
        return str(int(value)) if dialect == "sqlite" else str(value).lower()
    if isinstance(value, int | float):
        return repr(value)
    escaped = str(value).replace("'", "''")
    return f"'{escaped}'"


def _key(column: str) -> str:
    if _NAME.fullmatch(column):
        return quote(column)
    if found := _SORTED.fullmatch(column):
        return f"{quote(found[1])} {found[2].lower()}"
    return f"({column})"


def _reference(column: ColumnSpec) -> str:
    assert column.references is not None
    return f"references {quote(column.references)} ({quote('id')}) on delete {column.on_delete.lower()}"
