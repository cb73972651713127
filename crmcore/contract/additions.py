"""What a plugin adds to the GraphQL schema: found by comparing a schema without it and one with it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from graphql import GraphQLNamedType, GraphQLSchema

from crmcore.contract.subject import Subject

__all__ = ["Addition", "additions"]

Kind = Literal["type", "field", "argument", "value"]


@dataclass(frozen=True, slots=True)
class Addition:
    """One thing that is in the schema because of the plugin.

    Attributes:

        kind: what it is; a field may be one of an input type.
        path: `TaskFilter`, `Query.tasks`, `Query.tasks(first)`, `TaskStatus.OPEN`.
        name: its last name (`tasks`, `first`).
        owner: the type it was added to; None for a type.
        described: whether it says what it is.
        new_owner: whether the type it belongs to is the plugin's too.
    """

    kind: Kind
    path: str
    name: str
    owner: str | None
    described: bool
    new_owner: bool = False


def additions(subject: Subject) -> list[Addition]:
    """Return all of them, in the schema's order.

    Raises:

        Unverified: there is no schema with the plugin.
    """
    return list(_additions(subject.bare.schema.graphql, subject.crm.schema.graphql))


def _additions(before: GraphQLSchema, after: GraphQLSchema) -> Iterator[Addition]:
    for name, kind in after.type_map.items():
        if name.startswith("__"):
            continue
        old = before.type_map.get(name)
        if old is None:
            yield Addition("type", name, name, None, bool(kind.description))
        for attribute, what in (("fields", "field"), ("values", "value")):
            yield from _members(what, name, _of(kind, attribute), _of(old, attribute), new_owner=old is None)  # type: ignore[arg-type]


def _members(
    what: Kind, owner: str, now: Mapping[str, Any], then: Mapping[str, Any], *, new_owner: bool
) -> Iterator[Addition]:
    for name, member in now.items():
        if name not in then:
            yield Addition(what, f"{owner}.{name}", name, owner, bool(member.description), new_owner)
        old = getattr(then.get(name), "args", None) or {}
        for argument, said in (getattr(member, "args", None) or {}).items():
            if argument not in old:
                path = f"{owner}.{name}({argument})"
                yield Addition("argument", path, argument, owner, bool(said.description), new_owner)


def _of(kind: GraphQLNamedType | None, attribute: str) -> Mapping[str, Any]:
    return getattr(kind, attribute, None) or {}
