"""Parameters of named actions: the GraphQL type each has, and how a client's value becomes a Python one."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import is_dataclass
from enum import Enum
from typing import Any
from uuid import UUID

import strawberry
from strawberry.types.field import StrawberryField

from crmcore.database import ids
from crmcore.database.money import Money
from crmcore.entities.action import REQUIRED, Parameter, RecordRef, parameters_of
from crmcore.entities.entity import camel
from crmcore.entities.kinds import BigInt
from crmcore.errors import Invalid, Violation
from crmcore.graphql.mutations.inputs import money_input, read_id, read_money
from crmcore.graphql.types.entities import Types
from crmcore.graphql.types.enums import as_enum
from crmcore.graphql.types.forge import field, many, optional
from crmcore.graphql.types.scalars import JSON

__all__ = ["argument_type", "python_value", "summary"]


def argument_type(types: Types, parameter: Parameter) -> Any:
    """Return the type of a parameter's argument, not null."""
    one = _one_type(types, parameter)
    return many(one) if parameter.many else one


def _one_type(types: Types, parameter: Parameter) -> Any:
    if parameter.type in (UUID, RecordRef):
        return strawberry.ID
    if parameter.type is Money:
        return money_input(types)
    if parameter.type is BigInt:
        return BigInt
    if issubclass(parameter.type, Enum):
        return as_enum(parameter.type)
    if is_dataclass(parameter.type):
        return _input(types, parameter.type)
    return JSON if parameter.type in (dict, object) else parameter.type


def _input(types: Types, made: type) -> Any:
    def fields() -> Iterable[StrawberryField]:
        for parameter in parameters_of(made):
            type_ = argument_type(types, parameter)
            required = parameter.default is REQUIRED and not parameter.null
            yield field(camel(parameter.name), type_ if required else optional(type_), parameter.description)

    name = made.__name__ if made.__name__.endswith("Input") else f"{made.__name__}Input"
    return types.forge.input(name, summary(made), fields)


def summary(made: type) -> str:
    """Return the first paragraph of a class's docstring, on one line."""
    return " ".join((made.__doc__ or "").strip().split("\n\n")[0].split())


def python_value(parameter: Parameter, value: Any, path: str) -> Any:
    """Turn a coerced argument into what the action's function takes.

    Raises:

        Invalid: an id of another entity, too many digits for the currency, ...: all of them; at `path` and below.
    """
    if value is None:
        return None
    if not parameter.many:
        return _one_value(parameter, value, path)
    return _all(lambda key, item: _one_value(parameter, item, f"{path}.{key}"), enumerate(value))


def _one_value(parameter: Parameter, value: Any, path: str) -> Any:
    if parameter.type is Money:
        return read_money(value, path)
    if parameter.ref is not None:
        return _reference(parameter, value, path)
    if is_dataclass(parameter.type):
        return _dataclass(parameter.type, value, path)
    return value


def _reference(parameter: Parameter, value: str, path: str) -> UUID | RecordRef:
    assert parameter.ref is not None
    if parameter.ref.entity == "*":
        id = read_id(value, None, path)
        return RecordRef(ids.split(value)[0], id)
    uuid: UUID = read_id(value, parameter.ref.entity, path)
    return RecordRef(parameter.ref.entity, uuid) if parameter.type is RecordRef else uuid


def _dataclass(made: type, value: Mapping[str, Any], path: str) -> Any:
    known = {camel(p.name): p for p in parameters_of(made)}
    given = [(name, item) for name, item in value.items() if item is not None or known[name].null]
    read = _all(lambda name, item: python_value(known[name], item, f"{path}.{name}"), given)
    return made(**dict(zip((known[name].name for name, _ in given), read, strict=True)))


def _all(read: Any, items: Iterable[tuple[Any, Any]]) -> list[Any]:
    values: list[Any] = []
    violations: list[Violation] = []
    for key, item in items:
        try:
            values.append(read(key, item))
        except Invalid as problem:
            violations.extend(problem.violations)
    if violations:
        raise Invalid.of(violations)
    return values
