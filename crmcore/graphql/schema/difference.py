"""What changed between two schemas, how bad that is for those who use them, and which plugin's part it is."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import IntEnum
from typing import Any

from graphql import BreakingChange, DangerousChange, GraphQLNamedType, GraphQLSchema, build_schema
from graphql.utilities import find_schema_changes

__all__ = ["DESCRIPTION", "Difference", "Severity", "find_differences"]

#: The kind of a difference that is in a description alone.
DESCRIPTION = "DESCRIPTION_CHANGED"


class Severity(IntEnum):
    """What a change means for those who use the schema."""

    #: Operations that were right are refused, or answer in another shape.
    BREAKING = 0
    #: Operations go on working, and may meet what they did not expect: a new enum value, another default.
    DANGEROUS = 1
    SAFE = 2


@dataclass(frozen=True, slots=True)
class Difference:
    """One change.

    Attributes:

        severity: what it means.
        kind: a word a program can test (`FIELD_REMOVED`), graphql-core's where it has one.
        where: the type (`Customer`), member (`Customer.name`) or directive (`@plugin`) it is about.
        plugin: who gives that, as `@plugin` says; None if the schemas do not say.
        sentence: for people.
        announced: why the older schema said that it was deprecated, if it is what was removed.
    """

    severity: Severity
    kind: str
    where: str
    plugin: str | None
    sentence: str
    announced: str | None = None


def find_differences(old: str, new: str) -> list[Difference]:
    """Compare two schemas.

    Args:

        old: a schema as `crm schema` prints it.
        new: the younger one.

    Returns:

        the worst first, those of equal severity by place.

    Raises:

        graphql.GraphQLError: one of them is no schema.
    """
    if old == new:
        return []
    before, after = (build_schema(text, assume_valid=True) for text in (old, new))
    found = [*_by_graphql_core(before, after), *_deprecations(before, after), *_others(before, after)]
    return sorted(found, key=lambda d: (d.severity, d.where, d.kind, d.sentence))


def _by_graphql_core(before: GraphQLSchema, after: GraphQLSchema) -> Iterator[Difference]:
    for change in find_schema_changes(before, after):
        severity = Severity.SAFE
        if isinstance(change, BreakingChange | DangerousChange):
            severity = Severity.BREAKING if isinstance(change, BreakingChange) else Severity.DANGEROUS
        where, whose = _place(change.description, before, after)
        announced = None
        if change.type.name in ("FIELD_REMOVED", "VALUE_REMOVED_FROM_ENUM"):
            announced = getattr(_member(before, where), "deprecation_reason", None)
        elif change.type.name == "ARG_REMOVED":
            announced = _argument_deprecated(before, change.description)
        giver = _giver(before, whose) or _giver(after, whose)
        yield Difference(severity, change.type.name, where, giver and giver[0], change.description, announced)


def _place(sentence: str, *schemas: GraphQLSchema) -> tuple[str, str]:
    """Return what a sentence of graphql-core is about, and whose doing it is: there is no place to read it but the words."""
    if directive := re.search(r"@\w+", sentence):
        return directive[0], directive[0]
    words = [w for w in re.findall(r"\w+(?:\.\w+)?", sentence) if any(w.split(".")[0] in s.type_map for s in schemas)]
    if member := next((word for word in words if "." in word), None):
        return member, member
    # "Task was added to union type SearchResult." is about the union, and whoever gives Task does it.
    about_last = re.search(r" (?:union type|implemented by) \w+\.$", sentence)
    return words[-1 if about_last else 0], words[0]


def _argument_deprecated(schema: GraphQLSchema, sentence: str) -> str | None:
    found = re.search(r"(\w+\.\w+)\((\w+):\)", sentence)
    arguments = getattr(_member(schema, found[1]), "args", {}) if found else {}
    return getattr(arguments.get(found[2]), "deprecation_reason", None) if found else None


def _deprecations(before: GraphQLSchema, after: GraphQLSchema) -> Iterator[Difference]:
    now = dict(_members(after))
    for where, old in _members(before):
        was, reason = old.deprecation_reason, getattr(now.get(where), "deprecation_reason", None)
        if where not in now or bool(was) == bool(reason):
            continue
        giver = _giver(after, where.partition("(")[0])
        said = f"{where} is deprecated: {reason}" if reason else f"{where} is deprecated no longer."
        kind = "DEPRECATION_ADDED" if reason else "DEPRECATION_REMOVED"
        yield Difference(Severity.SAFE, kind, where, giver and giver[0], said)


def _others(before: GraphQLSchema, after: GraphQLSchema) -> Iterator[Difference]:
    for name, old in before.type_map.items():
        new = after.type_map.get(name)
        if new is None:
            continue
        giver = _giver(after, name)
        plugin = giver and giver[0]
        if getattr(new, "is_one_of", False) and not getattr(old, "is_one_of", False):
            said = f"{name} takes exactly one of its fields now."
            yield Difference(Severity.BREAKING, "ONE_OF_ADDED", name, plugin, said)
        if getattr(old, "specified_by_url", None) != (now := getattr(new, "specified_by_url", None)):
            said = f"{name} is specified by {now} now."
            yield Difference(Severity.DANGEROUS, "SPECIFIED_BY_CHANGED", name, plugin, said)
        yield from _givers(before, after, name)
        for where, _ in _own_members(new):
            if _member(before, where) is not None:
                yield from _givers(before, after, where, besides=(_giver(before, name), giver))


def _givers(before: GraphQLSchema, after: GraphQLSchema, where: str, besides: Any = None) -> Iterator[Difference]:
    was, now = _giver(before, where), _giver(after, where)
    if was is None or now is None or was == now or (was, now) == besides:
        return
    said = f"{where} was given by {_words(*was)}, and is given by {_words(*now)} now."
    yield Difference(Severity.DANGEROUS, "GIVER_CHANGED", where, now[0], said)


def _words(plugin: str, since: str | None) -> str:
    return f"{plugin} since {since}" if since else plugin


def _giver(schema: GraphQLSchema, where: str) -> tuple[str, str | None] | None:
    """Return what `@plugin` says of a member, or of its type if the member carries none."""
    for known in (_member(schema, where), schema.type_map.get(where.partition(".")[0])):
        for directive in getattr(getattr(known, "ast_node", None), "directives", None) or ():
            if directive.name.value == "plugin":
                given = {argument.name.value: argument.value.value for argument in directive.arguments}
                return given["name"], given.get("since")
    return None


def _member(schema: GraphQLSchema, where: str) -> Any:
    type_name, _, member = where.partition(".")
    return _own(schema.type_map.get(type_name)).get(member)


def _members(schema: GraphQLSchema) -> Iterator[tuple[str, Any]]:
    for type_ in schema.type_map.values():
        for where, member in _own_members(type_):
            yield where, member
            for name, argument in getattr(member, "args", {}).items():
                yield f"{where}({name}:)", argument


def _own_members(type_: GraphQLNamedType) -> Iterator[tuple[str, Any]]:
    for name, member in _own(type_).items():
        yield f"{type_.name}.{name}", member


def _own(type_: Any) -> Mapping[str, Any]:
    return getattr(type_, "fields", None) or getattr(type_, "values", None) or {}
