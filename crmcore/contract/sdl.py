"""What a plugin does to the schema, written as a schema: its types whole, and extensions of the types of others."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Mapping
from typing import Any

from graphql import GraphQLEnumType, GraphQLInputObjectType, GraphQLInterfaceType, GraphQLNamedType, GraphQLUnionType
from graphql.language import print_ast
from graphql.utilities import ast_from_value, print_type

from crmcore.contract.subject import Subject

__all__ = ["difference"]

_WORDS = ((GraphQLEnumType, "enum"), (GraphQLInputObjectType, "input"), (GraphQLInterfaceType, "interface"))


def difference(subject: Subject) -> str:
    """Return it as schema definition language; empty when the plugin adds nothing to the schema.

    Raises:

        Unverified: there is no schema with the plugin.
    """
    before, after = subject.bare.schema.graphql.type_map, subject.crm.schema.graphql.type_map
    parts = [part for name, kind in after.items() if name in before for part in _extension(kind, before[name])]
    parts += [print_type(kind) for name, kind in after.items() if name not in before]
    return "\n\n".join(parts)


def _extension(now: GraphQLNamedType, then: GraphQLNamedType) -> Iterator[str]:
    if isinstance(now, GraphQLUnionType):
        old = {member.name for member in getattr(then, "types", ())}
        if added := [member.name for member in now.types if member.name not in old]:
            yield f"extend union {now.name} = {' | '.join(added)}"
        return
    lines = [
        line
        for attribute in ("fields", "values")
        for line in _members(getattr(now, attribute, {}), getattr(then, attribute, {}))
    ]
    if lines:
        word = next((word for kind, word in _WORDS if isinstance(now, kind)), "type")
        yield "\n".join([f"extend {word} {now.name} {{", *lines, "}"])


def _members(now: Mapping[str, Any], then: Mapping[str, Any]) -> Iterator[str]:
    for name, member in now.items():
        if name not in then:
            if member.description:
                yield textwrap.indent(f'"""{member.description}"""', "  ")
            yield f"  {_signature(name, member)}"
        elif hasattr(member, "type") and _signature(name, member) != _signature(name, then[name]):
            yield f"  # was {_signature(name, then[name])}"
            yield f"  {_signature(name, member)}"


def _signature(name: str, member: Any) -> str:
    if not hasattr(member, "type"):
        return name
    arguments = ", ".join(f"{n}: {a.type}{_default(a)}" for n, a in (getattr(member, "args", None) or {}).items())
    return f"{name}{f'({arguments})' if arguments else ''}: {member.type}{_default(member)}"


def _default(member: Any) -> str:
    if not hasattr(member, "default_value"):
        return ""
    written = ast_from_value(member.default_value, member.type)
    return f" = {print_ast(written)}" if written else ""
