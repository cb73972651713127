"""A plugin's tables under change: small steps from one state to the next, each checked."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace

from crmcore.database.migrations.migration import Misfit, State
from crmcore.database.schema import ColumnSpec, Index, TableSpec

__all__ = [
    "find_column",
    "find_index",
    "find_table",
    "mentions",
    "renamed_column",
    "renamed_table",
    "with_table",
    "without_table",
]


def find_table(state: State, name: str) -> TableSpec:
    """Return a table."""
    if name not in state:
        msg = f"There is no table {name!r} at this point; the plugin's migrations so far make {', '.join(state) or 'none'}."
        raise Misfit(msg)
    return state[name]


def find_column(state: State, table: str, name: str) -> ColumnSpec:
    """Return a column of a table."""
    found = find_table(state, table)
    if (column := found.column(name)) is None:
        msg = (
            f"Table {table!r} has no column {name!r} at this point; it has {', '.join(c.name for c in found.columns)}."
        )
        raise Misfit(msg)
    return column


def find_index(state: State, table: str, name: str) -> Index:
    """Return an index of a table by the name it has in the database."""
    found = find_table(state, table)
    for index in found.indexes:
        if index.named(table) == name:
            return index
    msg = f"Table {table!r} has no index {name!r} at this point; it has {', '.join(i.named(table) for i in found.indexes) or 'none'}."
    raise Misfit(msg)


def with_table(state: State, table: TableSpec) -> State:
    """Return the state with a table added or put in the place of its namesake."""
    return {**state, table.name: table}


def without_table(state: State, name: str) -> State:
    """Return the state without a table."""
    find_table(state, name)
    return {other: table for other, table in state.items() if other != name}


def mentions(index: Index, column: str) -> bool:
    """Say whether an index has to do with a column."""
    texts = (*index.columns, index.where or "", "deleted_at" if index.live else "")
    return any(re.search(rf"\b{column}\b", text) for text in texts)


def renamed_column(table: TableSpec, old: str, new: str) -> TableSpec:
    """Return a table with a column called otherwise, in its indexes too."""

    def word(text: str) -> str:
        return re.sub(rf"\b{old}\b", new, text)

    columns = tuple(replace(c, name=new) if c.name == old else c for c in table.columns)
    return replace(table, columns=columns, indexes=tuple(_reworded(i, word) for i in table.indexes))


def renamed_table(state: State, old: str, new: str) -> State:
    """Return the state with a table called otherwise, in links to it too."""

    def relinked(column: ColumnSpec) -> ColumnSpec:
        return replace(column, references=new) if column.references == old else column

    return {
        (new if name == old else name): replace(
            table, name=new if name == old else name, columns=tuple(map(relinked, table.columns))
        )
        for name, table in state.items()
    }


def _reworded(index: Index, word: Callable[[str], str]) -> Index:
    return replace(index, columns=tuple(map(word, index.columns)), where=word(index.where) if index.where else None)
