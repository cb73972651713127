"""Filters: an input per kind of value, and per entity one that has all its fields, `and`, `or`, `not` and its relations."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from decimal import Decimal
from enum import Enum
from typing import TYPE_CHECKING, Any

import strawberry
from strawberry.types.field import StrawberryField

from crmcore.access.actor import ActorType
from crmcore.entities import fields as f
from crmcore.entities import kinds
from crmcore.entities.entity import Entity
from crmcore.entities.kinds import Kind
from crmcore.entities.sealing import SealedColumn
from crmcore.graphql.lists.sealed import operators, sealed, words
from crmcore.graphql.types.enums import as_enum
from crmcore.graphql.types.forge import field, many, optional
from crmcore.graphql.types.scalars import BigInt
from crmcore.periods import RelativePeriod

if TYPE_CHECKING:
    from crmcore.graphql.types.entities import Types

__all__ = ["filter_input", "kind_filter", "money_filter"]

_OPERATORS: Mapping[str, str] = {
    "eq": "Equal to this.",
    "ne": "Not equal to this; records without a value count as not equal.",
    "in": "Equal to one of these.",
    "notIn": "Equal to none of these; records without a value count.",
    "gt": "Greater than this.",
    "gte": "Greater than this or equal.",
    "lt": "Less than this.",
    "lte": "Less than this or equal.",
    "contains": "Contains this text, in capitals or not.",
    "startsWith": "Starts with this text, in capitals or not.",
    "endsWith": "Ends with this text, in capitals or not.",
    "isNull": "True: has no value. False: has one.",
    "lastDays": "Within the last so many days of the calendar, today being the last of them.",
    "nextDays": "Within the next so many days of the calendar, today being the first of them.",
    "during": "Within a stretch of the calendar, seen from today.",
    "anniversaryWithinDays": "Its anniversary is on one of the next so many days, today being the first; February 29 counts as February 28 in other years.",
}

#: Kind to the filter's name, the operands' type, and what is filtered.
_KINDS: Mapping[str, tuple[str, Any, str]] = {
    kinds.TEXT.name: ("TextFilter", str, "a text"),
    kinds.INT.name: ("IntFilter", int, "a whole number"),
    kinds.BIGINT.name: ("BigIntFilter", BigInt, "a large whole number"),
    kinds.FLOAT.name: ("FloatFilter", float, "a number"),
    kinds.BOOL.name: ("BooleanFilter", bool, "true or false"),
    kinds.INSTANT.name: ("DateTimeFilter", datetime, "an instant"),
    kinds.DATE.name: ("DateFilter", date, "a date"),
    kinds.ID.name: ("IdFilter", strawberry.ID, "an id"),
    kinds.JSON.name: ("JsonFilter", Any, "a JSON value"),
}
_MANY = ("in", "notIn")
#: Operators whose operand is not of the kind that is filtered.
_OPERANDS: Mapping[str, Any] = {
    "isNull": bool,
    "lastDays": int,
    "nextDays": int,
    "during": as_enum(RelativePeriod),
    "anniversaryWithinDays": int,
}


def filter_input(types: Types, entity: Entity) -> Any:
    """Return the input that says which records of an entity are meant; all that is said must hold."""

    def fields() -> Iterable[StrawberryField]:
        itself = filter_input(types, entity)
        yield field("and", optional(many(itself)), "All of these hold.")
        yield field("or", optional(many(itself)), "At least one of these holds.")
        yield field("not", optional(itself), "This does not hold.")
        for given in types.entities.fields(entity.name).values():
            if (column := sealed(entity, given)) is not None and isinstance(given, f.Scalar):
                yield field(given.name, optional(_sealed_filter(types, given, column)), words(given.description))
            elif (operand := _operand(types, given)) is not None:
                yield field(given.name, optional(operand), given.description)

    return types.forge.input(
        f"{entity.type_name}Filter", f"Which {entity.plural} are meant; all that is said must hold.", fields
    )


def _operand(types: Types, given: f.Field) -> Any:
    match given:
        case f.Scalar(kind=kinds.ENUM, facts=said) if said.choices is not None:
            return _enum_filter(types, said.choices)
        case f.Scalar(kind=kind) | f.Expression(kind=kind):
            return kind_filter(types, kind)
        case f.Money():
            return money_filter(types)
        case f.Stamp():
            return _actor_filter(types)
        case f.One(target=target):
            return filter_input(types, types.entities[target])
        case f.Many(target=target):
            return _list_filter(types, types.entities[target])
    return None


def kind_filter(types: Types, kind: Kind) -> Any:
    """Return the input of a condition on a value of a kind."""
    name, operand, words = _KINDS.get(kind.name, _KINDS[kinds.TEXT.name])
    return types.forge.input(name, f"A condition on {words}.", lambda: _operators(kind.operators, operand))


def _sealed_filter(types: Types, given: f.Scalar, column: SealedColumn) -> Any:
    """Return the input of a condition on a value that is stored sealed: it has the operators that work."""
    names = operators(column, given.kind)
    name, operand, words = _KINDS.get(given.kind.name, _KINDS[kinds.TEXT.name])
    if given.facts.choices is not None:
        name, operand, words = f"{given.facts.choices.__name__}Filter", as_enum(given.facts.choices), "a choice"
    able = "".join(("Prefix" if "startsWith" in names else "", "" if "eq" in names else "Only"))
    name = f"Sealed{able}{name}" if len(names) > 1 else "SealedFilter"
    words = words if len(names) > 1 else "a value"
    return types.forge.input(name, f"A condition on {words} that is stored sealed.", lambda: _operators(names, operand))


def _enum_filter(types: Types, choices: type[Enum]) -> Any:
    operand = as_enum(choices)
    description = f"A condition on {choices.__name__}."
    return types.forge.input(
        f"{choices.__name__}Filter", description, lambda: _operators(kinds.ENUM.operators, operand)
    )


def _operators(names: Iterable[str], operand: Any) -> Iterable[StrawberryField]:
    for name in names:
        type_ = _OPERANDS.get(name) or (many(operand) if name in _MANY else operand)
        yield field(name, optional(type_), _OPERATORS[name])


def money_filter(types: Types) -> Any:
    """Return the input of a condition on money."""

    def fields() -> Iterable[StrawberryField]:
        decimal = types.forge.input(
            "DecimalFilter", "A condition on an exact decimal number.", lambda: _operators(kinds.INT.operators, Decimal)
        )
        amount = "The amount. Amounts are compared within one currency only, so say which: `currency: {eq: ...}`."
        yield field("amount", optional(decimal), amount)
        yield field("currency", optional(kind_filter(types, kinds.TEXT)), "The currency's ISO 4217 code.")

    return types.forge.input("MoneyFilter", "A condition on money.", fields)


def _actor_filter(types: Types) -> Any:
    def fields() -> Iterable[StrawberryField]:
        yield field("type", optional(_enum_filter(types, ActorType)), "The door.")
        yield field("actorId", optional(kind_filter(types, kinds.ID)), "Id of the user, token, import, plugin or job.")

    return types.forge.input("ActorFilter", "A condition on who did something, and through which door.", fields)


def _list_filter(types: Types, entity: Entity) -> Any:
    def fields() -> Iterable[StrawberryField]:
        one = filter_input(types, entity)
        yield field("some", optional(one), "At least one is such.")
        yield field("none", optional(one), "None is such.")
        yield field("every", optional(one), "All are such; also if there are none.")

    return types.forge.input(f"{entity.type_name}ListFilter", f"A condition on {entity.plural} of a record.", fields)
