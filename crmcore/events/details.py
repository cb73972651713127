"""What an event tells beside its record's row, under the field rules of whoever it is for."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from crmcore.access.actor import Access, Effect
from crmcore.access.fields import effect
from crmcore.database import ids
from crmcore.entities import fields as f
from crmcore.entities.entity import Entity, camel
from crmcore.entities.registry import Entities
from crmcore.events.shown import shown

__all__ = ["columns_of", "shown_details"]

_MOMENTS = ("from_", "to_", "old_", "new_")


def shown_details(entities: Entities, access: Access, entity: Entity, details: Mapping[str, Any]) -> dict[str, Any]:
    """Return an event's own fields as JSON values by GraphQL name.

    A detail follows the rule of the field it is named after: `from_stage_id` that of `stageId`, `interaction_kind` that of
    an interaction's `kind`, `to_stage` that of a customer's `lifecycleStage`. One that is named after none might tell what
    a rule keeps back, so it is left out for those from whom a rule keeps back any field of the record.

    Args:

        entities: all entities.
        access: whose rules count.
        entity: what the event is about.
        details: as the feed has them.
    """
    strict = any(name == entity.name and rule >= Effect.MASKED for (name, _), rule in access.effects.items())
    found: dict[str, Any] = {}
    for name, value in details.items():
        if name in ("before", "after"):
            found[name] = None if value is None else shown(entities, access, entity, value)
            continue
        named = _fields(entity, name)
        if strict and (not named or any(_kept_back(entities, access, entity, field) for field in named)):
            continue
        found[camel(name)] = _value(named, value)
    return found


def columns_of(entity: Entity, name: str) -> list[str]:
    """Return the columns of the record that a detail is named after."""
    return [field.column for field in _fields(entity, name) if isinstance(field, f.Scalar)]


def _fields(entity: Entity, name: str) -> list[f.Field]:
    """Return the fields of the record that a detail is named after."""
    for moment in _MOMENTS:
        name = name.removeprefix(moment)
    exact = (name, name.removeprefix(f"{entity.name}_"))
    given = [(getattr(field, "column", None), field) for field in entity.own_fields]
    return [field for column, field in given if column in exact] or [
        field for column, field in given if column is not None and column.endswith(f"_{name}")
    ]


def _kept_back(entities: Entities, access: Access, entity: Entity, field: f.Field) -> bool:
    rule = effect(entities, access, entity, field)
    return rule is not None and rule >= Effect.MASKED


def _value(named: list[f.Field], value: Any) -> Any:
    target = next((field.target for field in named if isinstance(field, f.Scalar) and field.target), None)
    return ids.encode(target, UUID(value)) if target is not None and isinstance(value, str) else value
