"""Answers of the database that a lot keeps, for as long as nothing that was written could have changed them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from crmcore.entities.entity import Entity
from crmcore.entities.store import Row

__all__ = ["Remembered"]

Columns = tuple[str, ...]
Values = tuple[Any, ...]


class Remembered:
    """Rows with equal columns, by entity, columns and what these hold: the live ones, by id alone the deleted ones too."""

    def __init__(self) -> None:
        self._rows: dict[str, dict[Columns, dict[Values, list[Row]]]] = {}
        self._least: dict[str, dict[Values, Any]] = {}

    def get(self, name: str, columns: Columns, values: Values) -> list[Row] | None:
        """Return what the database has answered, None if it was not asked."""
        return self._rows.get(name, {}).get(columns, {}).get(values)

    def put(self, name: str, columns: Columns, values: Values, rows: list[Row]) -> None:
        """Keep an answer."""
        self._rows.setdefault(name, {}).setdefault(columns, {})[values] = rows

    def least(self, name: str, values: Values) -> tuple[Any] | None:
        """Return the least value of a column that was asked for with `values`, None if it was not asked for."""
        found = self._least.get(name, {})
        return (found[values],) if values in found else None

    def put_least(self, name: str, values: Values, least: Any) -> None:
        """Keep the least value of a column."""
        self._least.setdefault(name, {})[values] = least

    def drop(self, name: str, keys: Iterable[tuple[Columns, Values]]) -> None:
        """Forget the answers that a new row of an entity changes."""
        self._least.pop(name, None)
        if name in self._rows:
            for columns, values in keys:
                self._rows[name].get(columns, {}).pop(values, None)

    def drop_all(self, names: Iterable[str]) -> None:
        """Forget all answers about some entities."""
        for name in names:
            self._rows.pop(name, None)
            self._least.pop(name, None)

    def forget(self, sql: str, entities: Mapping[str, Entity]) -> None:
        """Forget what a statement may have changed; a deletion spreads to other tables, and of a script nobody knows."""
        if sql == "script" or "delete" in sql.lower():
            self.clear()
            return
        self.drop_all([name for name in {*self._rows, *self._least} if entities[name].tablename in sql])

    def clear(self) -> None:
        """Forget everything."""
        self._rows.clear()
        self._least.clear()
