"""A row of the feed as clients see a record: GraphQL names and forms, under the field rules of whoever it is for."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from functools import lru_cache
from typing import Any, NamedTuple

from crmcore.access.actor import Access, Effect
from crmcore.access.fields import effect
from crmcore.database.money import Money
from crmcore.entities import fields as f
from crmcore.entities import kinds
from crmcore.entities.entity import Entity
from crmcore.entities.masks import keeps, mask_of, masked
from crmcore.entities.registry import Entities

__all__ = ["shown"]

#: A row as the feed has it: JSON values by column.
Stored = Mapping[str, Any]


class _Shown(NamedTuple):
    field: f.Field
    columns: frozenset[str]
    #: From a row to the field's value.
    value: Callable[[Stored], Any]


def shown(
    entities: Entities, access: Access, entity: Entity, row: Stored, columns: Collection[str] | None = None
) -> dict[str, Any]:
    """Return the fields of a record as JSON values by GraphQL name.

    What a rule keeps back wholly is left out, since null would say that it is empty; masked values show what their mask
    leaves of them. Relations, and what is computed, are left out too: a row is about itself alone.

    Args:

        entities: all entities.
        access: whose rules count.
        entity: what it is a row of.
        row: JSON values by column; columns without one are empty.
        columns: only fields that show one of these.
    """
    every = _fields(entity)
    if columns is not None:
        every = tuple(one for one in every if not one.columns.isdisjoint(columns))
    if not any(name == entity.name for name, _ in access.effects):
        return {one.field.name: one.value(row) for one in every}
    found: dict[str, Any] = {}
    for one in every:
        rule = effect(entities, access, entity, one.field) or Effect.READ_ONLY
        if rule < Effect.MASKED:
            found[one.field.name] = one.value(row)
        elif rule is Effect.MASKED and isinstance(one.field, f.Scalar) and _is_shown(entity, one.field):
            found[one.field.name] = _masked(entity, one.field, one.value(row))
    return found


@lru_cache(maxsize=1024)
def _fields(entity: Entity) -> tuple[_Shown, ...]:
    return tuple(one for field in entity.own_fields for one in _shown(field))


def _shown(field: f.Field) -> Iterator[_Shown]:
    match field:
        case f.Money(column=column, currency_column=currency):
            yield _Shown(field, frozenset({column, currency}), lambda row: _money(row.get(column), row.get(currency)))
        case f.Stamp(column=column):
            yield _Shown(field, frozenset({column}), lambda row: _stamp(row.get(column)))
        case f.Scalar(column=column, type_column=str(kind)):
            yield _Shown(field, frozenset({column, kind}), lambda row: row.get(column) and f"{row[kind]}_{row[column]}")
        case f.Scalar(column=column, kind=kinds.ID, target=str(target)):
            yield _Shown(field, frozenset({column}), lambda row: row.get(column) and f"{target}_{row[column]}")
        case f.Scalar(column=column, kind=kinds.BIGINT):
            yield _Shown(field, frozenset({column}), lambda row: None if row.get(column) is None else str(row[column]))
        case f.Scalar(column=column):
            yield _Shown(field, frozenset({column}), lambda row: row.get(column))


def _money(minor: int | None, currency: str | None) -> dict[str, str] | None:
    if minor is None or currency is None:
        return None
    return {"amount": Money(minor, currency).amount, "currency": currency}


def _stamp(value: Mapping[str, Any] | None) -> dict[str, Any] | None:
    if value is None:
        return None
    return {"type": value["type"], "actorId": value["id"], "label": value["label"]}


def _is_shown(entity: Entity, field: f.Scalar) -> bool:
    # A currency is a scalar of its own, as for the planner.
    return keeps(mask_of(entity, field.column), field.kind) and field.facts.form != "currency"


def _masked(entity: Entity, field: f.Scalar, value: Any) -> Any:
    sealed = entity.seal.columns.get(field.column) if entity.seal else None
    if sealed is not None and value == sealed.erased:
        return value
    return masked(mask_of(entity, field.column), field.kind, value)
