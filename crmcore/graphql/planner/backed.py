"""What stands behind a field of the schema: its backing, and the object type it shows."""

from __future__ import annotations

from graphql import GraphQLField, GraphQLObjectType, get_named_type

from crmcore.entities import fields as f
from crmcore.graphql.lists.figures import Figure
from crmcore.graphql.roots.backing import Root

__all__ = ["Backing", "FieldBacking", "backing", "object_type"]

FieldBacking = f.Scalar | f.Money | f.Stamp | f.Expression | f.Computed | f.One | f.AnyOne | f.Many | f.Feed
Backing = FieldBacking | Root | Figure


def backing(field: GraphQLField) -> Backing | None:
    """Return what the field's Strawberry metadata says backs it, None for a plain resolver or a field known by name."""
    definition = field.extensions.get("strawberry-definition")
    found = definition.metadata.get("crm") if definition is not None else None
    return found if isinstance(found, Backing) else None


def object_type(field: GraphQLField) -> GraphQLObjectType:
    """Return the object type of a field or of its elements."""
    type_ = get_named_type(field.type)
    assert isinstance(type_, GraphQLObjectType)
    return type_
