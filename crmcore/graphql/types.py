"""The object type of each entity, made of its declared fields."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from typing import Any

import strawberry
from strawberry.types.field import StrawberryField

from crmcore.entities import fields as f
from crmcore.entities import kinds
from crmcore.entities.columns import Facts
from crmcore.entities.entity import Entity
from crmcore.entities.kinds import Kind
from crmcore.entities.registries import Registries
from crmcore.entities.registry import Entities
from crmcore.graphql.connections import connection, page_arguments
from crmcore.graphql.enums import as_enum
from crmcore.graphql.forge import Forge, field, optional
from crmcore.graphql.scalars import JSON, BigInt, Currency
from crmcore.graphql.structures import Actor, Money, Node

__all__ = ["Types", "python_type"]

_PYTHON: dict[str, Any] = {
    kinds.TEXT.name: str,
    kinds.ENUM.name: str,
    kinds.INT.name: int,
    kinds.BIGINT.name: BigInt,
    kinds.FLOAT.name: float,
    kinds.BOOL.name: bool,
    kinds.INSTANT.name: datetime,
    kinds.DATE.name: date,
    kinds.ID.name: strawberry.ID,
    kinds.JSON.name: JSON,
}


def python_type(kind: Kind, said: Facts | None = None) -> Any:
    """Return the annotation for a value of a kind; `said` knows the members of an enum and what is a currency."""
    if said is not None and said.choices is not None:
        return as_enum(said.choices)
    if said is not None and said.form == "currency":
        return Currency
    return _PYTHON[kind.name]


class Types:
    """The GraphQL types that the entities of one schema give.

    Args:

        entities: all entities.
        registries: the open sets, whose members descriptions name.
    """

    def __init__(self, entities: Entities, registries: Registries) -> None:
        self.entities = entities
        self.registries = registries
        self.forge = Forge()

    def of(self, entity: Entity) -> Any:
        """Return an entity's object type."""
        return self.forge.object(entity.type_name, entity.description, lambda: self._fields(entity), (Node,))

    def _fields(self, entity: Entity) -> Iterable[StrawberryField]:
        for given in self.entities.fields(entity.name).values():
            yield self._field(given)

    def _field(self, given: f.Field) -> StrawberryField:
        match given:
            case f.Many(target=target):
                related = self.entities[target]
                arguments = page_arguments(self, related, root=False)
                return field(
                    given.name, connection(self, related), given.description, backing=given, arguments=arguments
                )
            case f.One(target=target):
                type_, null = self.of(self.entities[target]), True
            case f.AnyOne():
                type_, null = Node, True
            case f.Money(null=null):
                type_ = Money
            case f.Stamp():
                type_, null = Actor, False
            case f.Scalar(kind=kind, facts=said, null=null):
                type_ = python_type(kind, said)
            case f.Expression(kind=kind, null=null) | f.Computed(kind=kind, null=null):
                type_ = python_type(kind)
        return field(given.name, optional(type_) if null else type_, given.description, backing=given)
