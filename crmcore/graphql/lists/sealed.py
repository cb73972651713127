"""Which fields are stored sealed, and what can still be done with each."""

from __future__ import annotations

from crmcore.entities import fields as f
from crmcore.entities.entity import Entity
from crmcore.entities.kinds import JSON, TEXT, Kind
from crmcore.entities.registry import Entities
from crmcore.entities.sealing import SealedColumn

__all__ = ["any_sortable", "operators", "sealed", "words"]

#: Operators of look-ups, in the order in which filters have them.
_EQUALITY = ("eq", "ne", "in", "notIn")


def sealed(entity: Entity, field: f.Field | None) -> SealedColumn | None:
    """Return what can be done with a field that is stored sealed; None if it is not."""
    if entity.seal is None or not isinstance(field, f.Scalar):
        return None
    return entity.seal.columns.get(field.column)


def operators(column: SealedColumn, kind: Kind) -> tuple[str, ...]:
    """Return the filter operators that work with a sealed field of a kind."""
    prefix = column.prefix and kind is TEXT
    equality = column.equality and kind is not JSON
    return (*(_EQUALITY if equality else ()), *(("startsWith",) if prefix else ()), "isNull")


def any_sortable(entities: Entities) -> bool:
    """Say whether any list can be ordered by a sealed field."""
    return any(
        column.sortable for entity in entities.values() if entity.seal for column in entity.seal.columns.values()
    )


def words(description: str) -> str:
    """Describe a field that is stored sealed."""
    return f"{description} Stored sealed."
