"""Marks what is deprecated in a schema, from the constants of `crmcore.deprecations`."""

from __future__ import annotations

from graphql import GraphQLSchema

from crmcore.deprecations import FIELDS

__all__ = ["deprecate"]


def deprecate(schema: GraphQLSchema) -> None:
    """Give every field, input field and enum value that goes its `@deprecated`; what is not in the schema is left out."""
    for where, deprecation in FIELDS.items():
        type_name, _, name = where.partition(".")
        type_ = schema.type_map.get(type_name)
        members = getattr(type_, "fields", None) or getattr(type_, "values", None) or {}
        if name in members:
            members[name].deprecation_reason = deprecation.reason
