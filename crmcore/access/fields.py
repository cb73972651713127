"""Which field rule counts for a field: its own, and those of fields that show the same column."""

from __future__ import annotations

from crmcore.access.actor import Access, Effect
from crmcore.entities import fields as f
from crmcore.entities.entity import Entity, camel
from crmcore.entities.kinds import ID
from crmcore.entities.registry import Entities

__all__ = ["effect"]


def effect(entities: Entities, access: Access, entity: Entity, field: f.Field) -> Effect | None:
    """Return the strictest rule on a field; a link and the relation it makes share theirs."""
    if not access.effects:
        return None
    names = {field.name}
    if isinstance(field, f.One | f.AnyOne) and field.column:
        names.add(camel(field.column))
    elif isinstance(field, f.Scalar) and field.kind is ID:
        names.add(camel(field.column.removesuffix("_id")))
    elif isinstance(field, f.Computed):
        names |= _fields_of(entities, entity, field.requires)
    return max((found for name in names if (found := access.effect(entity.name, name))), default=None)


def _fields_of(entities: Entities, entity: Entity, columns: tuple[str, ...]) -> set[str]:
    return {
        name
        for name, field in entities.fields(entity.name).items()
        if getattr(field, "column", None) in columns or getattr(field, "currency_column", None) in columns
    }
