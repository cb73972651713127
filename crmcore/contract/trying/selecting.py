"""What to select of a type so that all is seen that a plugin adds to the schema, and nothing else."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from graphql import (
    GraphQLNamedType,
    GraphQLObjectType,
    GraphQLSchema,
    get_named_type,
    is_abstract_type,
    is_leaf_type,
    is_object_type,
    is_required_argument,
)

from crmcore.contract.subject import Subject

__all__ = ["Selected", "Selecting"]

#: Levels below a field of `Query`: a connection, its nodes, a relation, its nodes, what they are made of.
_DEEPEST = 6
#: Records on the way from the root: one, and those that hang on it.
_RECORDS = 2


class Selected(NamedTuple):
    """A selection, and whether anything of the plugin's is in it."""

    text: str
    news: bool


class Selecting:
    """Writes selections.

    A type of the plugin's is selected whole; a record of crmcore only as far as the plugin adds to it or may turn up in
    it; what stands between, such as pages, whole.

    Args:

        subject: the plugin.
    """

    def __init__(self, subject: Subject) -> None:
        self.schema: GraphQLSchema = subject.crm.schema.graphql
        self._before = subject.bare.schema.graphql.type_map
        self._records = {e.type_name for e in subject.crm.entities.values()}

    def of(self, kind: GraphQLNamedType, depth: int = _DEEPEST, above: int = 0) -> Selected | None:
        """Return what to select of a type that has fields; None where there is nothing to see.

        Args:

            kind: the type.
            depth: how many levels there may be.
            above: how many records stand above it.
        """
        if is_abstract_type(kind):
            return self._fragments(kind, depth, above)
        if not is_object_type(kind):
            return None
        parts = list(self._parts(kind, depth, above))
        news = self.is_new(kind.name) or any(part.news for part in parts)
        return Selected(" ".join(part.text for part in parts), news) if parts else None

    def is_new(self, name: str) -> bool:
        """Say whether a type is in the schema because of the plugin."""
        return name not in self._before

    def adds(self, kind: GraphQLNamedType, field: str) -> bool:
        """Say whether a field of a type is there because of the plugin."""
        return self.is_new(kind.name) or field not in getattr(self._before[kind.name], "fields", ())

    def parts(self, kind: GraphQLNamedType) -> list[Selected]:
        """Return the same, field by field."""
        return list(self._parts(kind, _DEEPEST, 0)) if is_object_type(kind) else []

    def _parts(self, kind: GraphQLObjectType, depth: int, above: int, prefix: str = "") -> Iterator[Selected]:
        known = kind.name in self._records and not self.is_new(kind.name)
        for name, field in kind.fields.items():
            if any(is_required_argument(argument) for argument in field.args.values()) or _is_twice(kind, name):
                continue
            news = self.adds(kind, name)
            alias = f"{prefix}{name}: {name}" if prefix else name
            target = get_named_type(field.type)
            if is_leaf_type(target):
                below = None if known and not news else Selected(alias, news)
            else:
                below = self._below(kind, target, depth, above)
                below = below and Selected(f"{alias} {{ {below.text} }}", news or below.news)
            if below is not None and (below.news or not known):
                yield below

    def _below(self, kind: GraphQLObjectType, target: GraphQLNamedType, depth: int, above: int) -> Selected | None:
        above += kind.name in self._records
        if above and target.name in self._records and not self.is_new(target.name):
            return None  # records of crmcore are looked at from where they are listed
        if not depth or (above >= _RECORDS and (target.name in self._records or is_abstract_type(target))):
            return None
        return self.of(target, depth - 1, above)

    def _fragments(self, kind: GraphQLNamedType, depth: int, above: int) -> Selected | None:
        parts = ["__typename"]
        for member in self.schema.get_possible_types(kind) if is_abstract_type(kind) and above < _RECORDS else ():
            # Fields of one name may differ between members, so each member's have names of their own.
            if self.is_new(member.name):
                chosen = self._parts(member, depth, max(above, 1), prefix=f"{member.name}_")
                parts.append(f"... on {member.name} {{ {' '.join(part.text for part in chosen)} }}")
        return Selected(" ".join(parts), news=True) if len(parts) > 1 else None


def _is_twice(kind: GraphQLObjectType, name: str) -> bool:
    """Say whether a field shows what another one shows: edges show nodes."""
    if name == "node" and "cursor" in kind.fields:
        return True
    if name != "edges" or "nodes" not in kind.fields:
        return name == "pageInfo"
    edge = get_named_type(kind.fields[name].type)
    return set(getattr(edge, "fields", ())) <= {"cursor", "node"}
