"""Which columns of an entity hold personal data of the person a row is about, and what stands there once they are erased."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, date, datetime
from functools import lru_cache
from typing import Any, Final
from uuid import UUID

from crmcore.database.schema import Index
from crmcore.entities.entity import Entity
from crmcore.entities.facts import Facts
from crmcore.entities.kinds import BOOL, DATE, ENUM, INSTANT, JSON, TEXT
from crmcore.entities.sealing import is_sealed
from crmcore.entities.store import Row

__all__ = ["category", "emptied", "personal_columns", "told", "unclassified_columns"]

#: Who wrote a row is personal data of a colleague, and evidence.
_STAMPS: Final = frozenset({"created_by", "updated_by"})
_GONE: Final = "«erased»"


def category(said: Facts) -> str | None:
    """Return the category of personal data a column has, None if it has none or nobody has said."""
    given: Any = said.personal
    return getattr(given, "category", given) or None


@lru_cache(maxsize=1024)
def personal_columns(entity: Entity) -> tuple[str, ...]:
    """Return the columns with personal data of the person a row is about."""
    return tuple(name for name, said in entity.facts.items() if category(said) and name not in _STAMPS)


def unclassified_columns(entity: Entity) -> tuple[str, ...]:
    """Return the columns of which nobody has said whether they are personal, among those that could be."""
    could = (
        (name, said)
        for name, said in entity.facts.items()
        if said.kind in (TEXT, JSON, DATE) and said.registry is None and said.form != "currency"
    )
    return tuple(
        name for name, said in could if said.personal is None and name not in _STAMPS and not name.endswith("_type")
    )


def emptied(entity: Entity, row: Row, columns: Iterable[str]) -> Row:
    """Return what stands in some columns of a row once they are erased: nothing, or what says so where something must.

    A sealed value that cannot be empty stays: its key is what goes.
    """
    unique = _unique(entity)
    return {
        column: row[column]
        if is_sealed(row[column]) and not entity.facts[column].null
        else _empty(entity.facts[column], row["id"] if column in unique else None)
        for column in columns
    }


def told(entity: Entity, row: Row) -> Row:
    """Return an emptied row as events tell it: nothing in it has to be sealed, which a destroyed key could not."""
    return {
        column: None if column in entity.sealed and not is_sealed(value) else value for column, value in row.items()
    }


def _empty(said: Facts, id: UUID | None) -> Any:
    if said.null:
        return None
    if said.kind is TEXT:
        text = _GONE if id is None else f"{_GONE} {id}"
        return text[: said.max_length] if said.max_length else text
    if said.kind is ENUM:
        return said.default if said.default is not ... else next(iter(said.choices or ())).name
    if said.kind is JSON:
        return {}
    if said.kind is DATE:
        return date(1, 1, 1)
    if said.kind is INSTANT:
        return datetime(1, 1, 1, tzinfo=UTC)
    return False if said.kind is BOOL else 0


def _unique(entity: Entity) -> frozenset[str]:
    indexes: tuple[Index, ...] = getattr(entity.table, "__indexes__", ())
    return frozenset(column for index in indexes if index.unique for column in index.columns)
