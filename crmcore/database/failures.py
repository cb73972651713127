"""What a database says when it refuses, told once for both: a key is taken, a link leads nowhere, try again."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from crmcore.errors import Contention, StatementTimeout, Unavailable

__all__ = ["Busy", "Contention", "Keys", "ReferenceViolation", "StatementTimeout", "UniqueViolation"]


class UniqueViolation(Exception):
    """A unique index has the key already.

    Attributes:

        constraint: the index's name, None when the database does not say.
        table: the table's name, None when the database does not say.
        columns: the key's columns, empty when unknown (an expression).
    """

    def __init__(self, constraint: str | None, table: str | None, columns: Sequence[str]) -> None:
        self.constraint, self.table, self.columns = constraint, table, tuple(columns)
        super().__init__(f"{table or 'A table'} has a row with this key already ({constraint or ', '.join(columns)}).")


class ReferenceViolation(Exception):
    """A link would lead nowhere: the target is missing, or goes while others need it.

    Attributes:

        constraint: the foreign key's name; SQLite does not say.
        table: the table with the link; SQLite does not say.
        columns: the link's columns; SQLite does not say.
    """

    def __init__(self, constraint: str | None = None, table: str | None = None, columns: Sequence[str] = ()) -> None:
        self.constraint, self.table, self.columns = constraint, table, tuple(columns)
        super().__init__(f"A link of {table or 'a table'} would lead nowhere ({constraint or 'a foreign key'}).")


class Busy(Unavailable):
    """All connections were in use for longer than anybody waits."""


@dataclass(frozen=True, slots=True)
class _Key:
    name: str
    table: str
    columns: tuple[str, ...]


class Keys:
    """The unique indexes of the bound tables: each database tells half of what is needed, the declaration the rest."""

    def __init__(self) -> None:
        self._keys: dict[str, _Key] = {}

    def add(self, name: str, table: str, columns: Iterable[str]) -> None:
        """Learn a unique index."""
        self._keys[name] = _Key(name, table, tuple(columns))

    def by_name(self, name: str | None, table: str | None = None) -> UniqueViolation:
        """Make the failure from an index's name."""
        key = self._keys.get(name or "")
        return UniqueViolation(name, key.table, key.columns) if key else UniqueViolation(name, table, ())

    def by_columns(self, table: str, columns: Sequence[str]) -> UniqueViolation:
        """Make the failure from a table's columns."""
        found = (k.name for k in self._keys.values() if k.table == table and k.columns == tuple(columns))
        return UniqueViolation(next(found, None), table, columns)
