"""How large a document may be, counted in time linear in its text, before it is validated.

Each fragment is measured once and counted wherever it is spread, so nested fragments cannot hide an exponential number
of fields behind a short text, nor make the counting itself exponential.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLError,
    InlineFragmentNode,
    OperationDefinitionNode,
    SelectionSetNode,
)

__all__ = ["Limits", "check"]


@dataclass(frozen=True, slots=True)
class Limits:
    """What a document may have; the counts are of one operation, its fragments unfolded.

    Attributes:

        tokens: lexical tokens of the text, comments apart.
        characters: length of the text.
        depth: levels of nested fields.
        aliases: fields with an alias.
        directives: directives on anything.
        fields: selected fields.
    """

    tokens: int = 1000
    characters: int = 100_000
    depth: int = 16
    aliases: int = 30
    directives: int = 30
    fields: int = 500


@dataclass(frozen=True, slots=True)
class _Size:
    depth: int = 0
    aliases: int = 0
    directives: int = 0
    fields: int = 0

    def beside(self, other: _Size) -> _Size:
        return _Size(
            max(self.depth, other.depth),
            self.aliases + other.aliases,
            self.directives + other.directives,
            self.fields + other.fields,
        )


def check(document: DocumentNode, limits: Limits) -> list[GraphQLError]:
    """Return an error for each limit an operation of the document exceeds.

    Fragments that spread themselves count as nothing where they do: validation refuses them.
    """
    fragments = {d.name.value: d for d in document.definitions if isinstance(d, FragmentDefinitionNode)}
    measure = _Measure(fragments)
    errors: list[GraphQLError] = []
    for definition in document.definitions:
        if isinstance(definition, OperationDefinitionNode):
            size = _Size(directives=len(definition.directives or ())).beside(
                measure.selection(definition.selection_set)
            )
            errors.extend(_excesses(definition, size, limits))
    return errors


def _excesses(operation: OperationDefinitionNode, size: _Size, limits: Limits) -> Iterable[GraphQLError]:
    name = f"Operation {operation.name.value!r}" if operation.name else "The operation"
    for what, has, may in (
        ("levels of nested fields", size.depth, limits.depth),
        ("aliases", size.aliases, limits.aliases),
        ("directives", size.directives, limits.directives),
        ("fields", size.fields, limits.fields),
    ):
        if has > may:
            counted = f"{has}" if has < 10 * may else f"more than {10 * may}"
            yield GraphQLError(
                f"{name} has {counted} {what}; at most {may} are allowed. Ask for less, or split the operation.",
                operation,
                extensions={"code": "VALIDATION"},
            )


class _Measure:
    def __init__(self, fragments: Mapping[str, FragmentDefinitionNode]) -> None:
        self._fragments = fragments
        self._sizes: dict[str, _Size] = {}

    def selection(self, selections: SelectionSetNode | None) -> _Size:
        size = _Size()
        for node in selections.selections if selections else ():
            match node:
                case FieldNode():
                    inner = self.selection(node.selection_set)
                    aliases = inner.aliases + (node.alias is not None)
                    part = _Size(inner.depth + 1, aliases, inner.directives, inner.fields + 1)
                case InlineFragmentNode():
                    part = self.selection(node.selection_set)
                case FragmentSpreadNode():
                    part = self._fragment(node.name.value)
                case _:
                    continue
            size = size.beside(part).beside(_Size(directives=len(node.directives or ())))
        return size

    def _fragment(self, name: str) -> _Size:
        if name not in self._sizes:
            self._sizes[name] = _Size()
            definition = self._fragments.get(name)
            if definition is not None:
                own = _Size(directives=len(definition.directives or ()))
                self._sizes[name] = own.beside(self.selection(definition.selection_set))
        return self._sizes[name]
