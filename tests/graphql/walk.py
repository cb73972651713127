"""A walk over a schema that finds what has no description."""

from __future__ import annotations

from collections.abc import Iterator

from graphql import (
    GraphQLEnumType,
    GraphQLInputObjectType,
    GraphQLInterfaceType,
    GraphQLObjectType,
    GraphQLSchema,
)


def undescribed(schema: GraphQLSchema) -> Iterator[str]:
    """Yield the names of types, fields, arguments, input fields and enum values without a sentence."""
    for name, type_ in schema.type_map.items():
        if name.startswith("__"):
            continue
        if not _said(type_.description):
            yield name
        if isinstance(type_, GraphQLObjectType | GraphQLInterfaceType):
            for field_name, field in type_.fields.items():
                if not _said(field.description):
                    yield f"{name}.{field_name}"
                yield from (f"{name}.{field_name}({a}:)" for a, arg in field.args.items() if not _said(arg.description))
        elif isinstance(type_, GraphQLInputObjectType):
            yield from (f"{name}.{f}" for f, field in type_.fields.items() if not _said(field.description))
        elif isinstance(type_, GraphQLEnumType):
            yield from (f"{name}.{v}" for v, value in type_.values.items() if not _said(value.description))


def _said(description: str | None) -> bool:
    return description is not None and description.strip().endswith((".", "…", "!", "?", ")"))
