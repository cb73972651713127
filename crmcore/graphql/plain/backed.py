"""Which fields the planner reads and which a plain resolver gives."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from graphql import (
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLField,
    GraphQLNamedType,
    GraphQLSchema,
    InlineFragmentNode,
    SelectionSetNode,
    get_named_type,
)
from strawberry.types.field import StrawberryField

from crmcore.entities.entity import Entity
from crmcore.entities.registry import Entities
from crmcore.graphql.types.forge import backing

__all__ = ["Backed"]

_STRAWBERRY = "strawberry-definition"


class Backed:
    """Tells planned fields from plain ones in one schema.

    Args:

        schema: as graphql-core knows it.
        entities: whose types have planned fields.
    """

    def __init__(self, schema: GraphQLSchema, entities: Entities) -> None:
        self.schema = schema
        self._entities: Mapping[str, Entity] = {e.type_name: e for e in entities.values()}
        self._roots: Collection[GraphQLNamedType | None] = (
            schema.query_type,
            schema.mutation_type,
            schema.subscription_type,
        )

    def entity(self, type_: Any) -> Entity | None:
        """Return the entity a GraphQL type belongs to."""
        return self._entities.get(type_.name)

    def is_plain(self, parent: Any, name: str) -> bool:
        """Say whether the field `name` of an entity's type or of a root has a resolver of its own."""
        if parent.name not in self._entities and parent not in self._roots:
            return False
        if name.startswith("__"):
            return name != "__typename"
        field = self.definition(parent, name)
        return field is not None and backing(field) is None

    def definition(self, parent: Any, name: str) -> StrawberryField | None:
        """Return Strawberry's definition of a field."""
        field: GraphQLField | None = parent.fields.get(name)
        return None if field is None else field.extensions.get(_STRAWBERRY)

    def child(self, parent: Any, node: FieldNode) -> Any:
        """Return the named type a field leads to."""
        field = self.schema.get_field(parent, node.name.value)
        return get_named_type(field.type) if field is not None else None

    def reaches_plain(
        self,
        selections: SelectionSetNode | None,
        parent: Any,
        fragments: Mapping[str, FragmentDefinitionNode],
        seen: set[str],
    ) -> bool:
        """Say whether a plain field stands anywhere below; `seen` are the fragments looked at already."""
        if selections is None or parent is None:
            return False
        for node in selections.selections:
            match node:
                case FieldNode():
                    if self.is_plain(parent, node.name.value) or self.reaches_plain(
                        node.selection_set, self.child(parent, node), fragments, seen
                    ):
                        return True
                case InlineFragmentNode():
                    condition = node.type_condition
                    type_ = self.schema.type_map[condition.name.value] if condition else parent
                    if self.reaches_plain(node.selection_set, type_, fragments, seen):
                        return True
                case FragmentSpreadNode() if node.name.value not in seen:
                    seen.add(node.name.value)
                    fragment = fragments[node.name.value]
                    type_ = self.schema.type_map[fragment.type_condition.name.value]
                    if self.reaches_plain(fragment.selection_set, type_, fragments, seen):
                        return True
        return False
