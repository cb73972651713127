"""What backs a field of the schema, and which GraphQL type an entity has."""

from __future__ import annotations

from graphql import GraphQLField

from crmcore.entities import fields as f
from crmcore.graphql.backing import Root
from crmcore.graphql.figures import Figure

__all__ = ["Backing", "FieldBacking", "backing"]

FieldBacking = f.Scalar | f.Money | f.Stamp | f.Expression | f.Computed | f.One | f.AnyOne | f.Many | f.Feed
Backing = FieldBacking | Root | Figure


def backing(field: GraphQLField) -> Backing | None:
    """Return what the field's Strawberry metadata says backs it, None for a plain resolver or a field known by name."""
    definition = field.extensions.get("strawberry-definition")
    found = definition.metadata.get("crm") if definition is not None else None
    return found if isinstance(found, Backing) else None
