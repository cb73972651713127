"""The object type of each entity, made of its declared fields."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from strawberry.types.field import StrawberryField

from crmcore.entities import fields as f
from crmcore.entities.entity import Entity
from crmcore.entities.registries import Registries
from crmcore.entities.registry import Entities
from crmcore.entities.sealing import SealedColumn
from crmcore.graphql.lists.connections import connection, page_arguments
from crmcore.graphql.lists.sealed import any_sortable, sealed, words
from crmcore.graphql.types.forge import Forge, field, optional
from crmcore.graphql.types.python_types import python_type
from crmcore.graphql.types.structures import Actor, Money, Node
from crmcore.graphql.types.timeline import timeline_arguments, timeline_connection

__all__ = ["Types"]


class Types:
    """The GraphQL types that the entities of one schema give.

    Args:

        entities: all entities.
        registries: the open sets, whose members descriptions name.

    Attributes:

        any_sortable: whether any list can be ordered by a field that is stored sealed.
    """

    def __init__(self, entities: Entities, registries: Registries) -> None:
        self.entities = entities
        self.registries = registries
        self.any_sortable = any_sortable(entities)
        self.forge = Forge()

    def of(self, entity: Entity) -> Any:
        """Return an entity's object type."""
        return self.forge.object(entity.type_name, entity.description, lambda: self._fields(entity), (Node,))

    def _fields(self, entity: Entity) -> Iterable[StrawberryField]:
        for given in self.entities.fields(entity.name).values():
            yield self._sealed(given, column) if (column := sealed(entity, given)) else self._field(given)

    def _sealed(self, given: f.Field, column: SealedColumn) -> StrawberryField:
        assert isinstance(given, f.Scalar)
        # Nothing can be shown of what nobody can open any more, unless a text stands for it.
        null = given.null or column.erased is None
        type_ = python_type(given.kind, given.facts)
        return field(given.name, optional(type_) if null else type_, words(given.description), backing=given)

    def _field(self, given: f.Field) -> StrawberryField:
        match given:
            case f.Many(target=target):
                related = self.entities[target]
                arguments = page_arguments(self, related, root=False)
                return field(
                    given.name, connection(self, related), given.description, backing=given, arguments=arguments
                )
            case f.Feed():
                type_ = timeline_connection(self)
                return field(given.name, type_, given.description, backing=given, arguments=timeline_arguments(self))
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
