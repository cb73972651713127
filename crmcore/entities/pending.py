"""Rows that were made and not yet written, in an order in which each comes after those it links to."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from crmcore.entities.entity import Entity
from crmcore.entities.store import Row

__all__ = ["Group", "Pending"]

#: Names of columns, and what a row holds in them.
Columns = tuple[str, ...]
Values = tuple[Any, ...]


@dataclass(slots=True)
class Group:
    """Rows of one entity that one statement writes."""

    entity: Entity
    rows: dict[UUID, Row] = field(default_factory=dict)


class Pending:
    """Rows in memory. They are found by equal columns as the database would find them."""

    def __init__(self) -> None:
        self.groups: list[Group] = []
        self._last: dict[str, int] = {}
        self._place: dict[UUID, int] = {}
        self._by: dict[str, dict[Columns, dict[Values, dict[UUID, None]]]] = {}

    def __contains__(self, id: object) -> bool:
        return id in self._place

    def __bool__(self) -> bool:
        return bool(self._place)

    def named(self, sql: str) -> bool:
        """Say whether a statement names a table of which rows are here."""
        return any(group.rows and group.entity.tablename in sql for group in self.groups)

    def get(self, id: UUID) -> tuple[Entity, Row] | None:
        """Return a row with its entity, None if it is not here."""
        place = self._place.get(id)
        return None if place is None else (self.groups[place].entity, self.groups[place].rows[id])

    def add(self, entity: Entity, row: Row) -> None:
        """Add a row."""
        place, name = self._last.get(entity.name), entity.name
        if place is None or any(self._place.get(row[column], 0) > place for column in entity.links):
            place = self._last[name] = len(self.groups)
            self.groups.append(Group(entity))
        id: UUID = row["id"]
        self.groups[place].rows[id] = row
        self._place[id] = place
        self._note(name, id, row)

    def replace(self, id: UUID, row: Row) -> Row:
        """Put another row in the place of one, and return that one."""
        group = self.groups[self._place[id]]
        before = group.rows[id]
        self._unnote(group.entity.name, id, before)
        group.rows[id] = row
        self._note(group.entity.name, id, row)
        return before

    def remove(self, id: UUID) -> None:
        """Take a row away."""
        group = self.groups[self._place.pop(id)]
        self._unnote(group.entity.name, id, group.rows.pop(id))

    def find(self, name: str, columns: Columns, values: Values) -> list[Row]:
        """Return the rows of an entity that hold these values in these columns."""
        by = self._by.setdefault(name, {})
        if columns not in by:
            by[columns] = {}
            for group in self.groups:
                for id, row in group.rows.items() if group.entity.name == name else ():
                    by[columns].setdefault(_values(row, columns), {})[id] = None
        return [self.groups[self._place[id]].rows[id] for id in by[columns].get(values, ())]

    def keys(self, name: str, row: Mapping[str, Any]) -> Iterator[tuple[Columns, Values]]:
        """Yield under which columns and values a row is found by those who have asked so far."""
        for columns in self._by.get(name, ()):
            yield columns, _values(row, columns)

    def clear(self) -> None:
        """Forget all rows; by which columns they are looked for stays known."""
        self.groups, self._last, self._place = [], {}, {}
        for by in self._by.values():
            for found in by.values():
                found.clear()

    def _note(self, name: str, id: UUID, row: Row) -> None:
        for columns, found in self._by.get(name, {}).items():
            found.setdefault(_values(row, columns), {})[id] = None

    def _unnote(self, name: str, id: UUID, row: Row) -> None:
        for columns, found in self._by.get(name, {}).items():
            del found[_values(row, columns)][id]


def _values(row: Mapping[str, Any], columns: Columns) -> Values:
    return tuple([row[column] for column in columns])
