"""What named actions give that is no record: a frozen dataclass as a GraphQL type, kept as JSON and shown again."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import fields, is_dataclass
from enum import Enum
from typing import Any
from uuid import UUID

import msgspec
import strawberry
from strawberry.types.field import StrawberryField

from crmcore.database import ids
from crmcore.database.money import Money
from crmcore.entities.action import Parameter, RecordRef, parameters_of
from crmcore.entities.entity import camel
from crmcore.entities.kinds import BigInt
from crmcore.errors import SetupError
from crmcore.graphql.mutations.parameters import summary
from crmcore.graphql.mutations.values import Value
from crmcore.graphql.types.entities import Types
from crmcore.graphql.types.enums import as_enum
from crmcore.graphql.types.forge import field, many, optional
from crmcore.graphql.types.problem import Problem
from crmcore.graphql.types.scalars import JSON
from crmcore.graphql.types.structures import Money as MoneyType
from crmcore.graphql.types.structures import Node

__all__ = ["kept", "made_result", "restored", "result_object", "shown"]


def made_result(types: Types, made: type) -> Any:
    """Return the union of a dataclass's object type and `Problem`.

    Raises:

        SetupError: the dataclass holds something that cannot be kept with an idempotency key.
    """
    name = made.__name__
    try:
        msgspec.json.Decoder(made)
    except TypeError as problem:
        reason = f"{made.__module__}.{name}, which an action gives, cannot be kept as JSON: {problem}."
        raise SetupError("graphql-result", [reason]) from None
    return types.forge.union(f"{name}Result", f"{summary(made)} Or why not.", (result_object(types, made), Problem))


def result_object(types: Types, made: type) -> Any:
    """Return a dataclass's object type."""

    def members() -> Iterable[StrawberryField]:
        for given in parameters_of(made):
            one = _type(types, given)
            type_ = many(one) if given.many else one
            yield field(camel(given.name), optional(type_) if given.null else type_, given.description)

    return types.forge.object(made.__name__, summary(made), members)


def _type(types: Types, given: Parameter) -> Any:
    if given.type is RecordRef:
        any_entity = given.ref is None or given.ref.entity == "*"
        return Node if any_entity else types.of(types.entities[given.ref.entity])  # type: ignore[union-attr]
    if given.type is UUID:
        return strawberry.ID
    if given.type is Money:
        return MoneyType
    if given.type is BigInt:
        return BigInt
    if issubclass(given.type, Enum):
        return as_enum(given.type)
    if is_dataclass(given.type):
        return result_object(types, given.type)
    return JSON if given.type in (dict, object) else given.type


def kept(done: Any) -> dict[str, Any]:
    """Turn what an action gave into JSON, fields marked `metadata={"secret": True}` being null."""
    secret = {f.name: None for f in fields(done) if f.metadata.get("secret")}
    return {**msgspec.to_builtins(done), **secret}


def restored(made: type, outcome: Any) -> Any:
    """Turn that JSON back."""
    return msgspec.convert(outcome, made)


def shown(done: Any) -> Value:
    """Turn what an action gave into a value of its object type."""
    given = {camel(p.name): _shown(p, getattr(done, p.name)) for p in parameters_of(type(done))}
    return Value(type(done).__name__, given)


def _shown(given: Parameter, value: Any) -> Any:
    if isinstance(value, list | tuple):
        return [_shown(given, item) for item in value]
    if isinstance(value, UUID):
        return ids.encode(given.ref.entity, value) if given.ref else str(value)
    if isinstance(value, Money):
        return Value("Money", {"amount": value.amount, "currency": value.currency})
    if is_dataclass(value) and not isinstance(value, RecordRef):
        return shown(value)
    return value
