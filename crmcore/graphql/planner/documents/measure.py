"""How much a document asks for, counted in time linear in its text.

Each fragment is measured once and counted wherever it is spread, so nested fragments cannot hide an exponential number
of fields behind a short text, nor make the counting itself exponential.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from math import prod

from graphql import (
    ArgumentNode,
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    InlineFragmentNode,
    IntValueNode,
    OperationDefinitionNode,
    SelectionSetNode,
)

__all__ = ["Size", "Sizes", "measure"]

_PAGE = ("first", "last")
#: Nothing may hold so much; products of pages stop here instead of growing without end.
_SATURATED = 10**15


@dataclass(frozen=True, slots=True)
class Size:
    """What an operation or a fragment has, its fragments unfolded.

    Attributes:

        depth: levels of nested fields.
        aliases: fields with an alias.
        directives: directives on anything.
        fields: selected fields.
        listed: the greatest product of the numbers that stand as `first` or `last` along a path; those that variables
            bring are unknown here and count as one.
        records: the same where a list stands in a list, the records these would hold were all pages full; one list alone
            has its own limit.
        circular: whether it spreads a fragment that spreads itself.
    """

    depth: int = 0
    aliases: int = 0
    directives: int = 0
    fields: int = 0
    listed: int = 1
    records: int = 1
    circular: bool = False

    def beside(self, other: Size) -> Size:
        """Return the size of both together."""
        return Size(
            max(self.depth, other.depth),
            self.aliases + other.aliases,
            self.directives + other.directives,
            self.fields + other.fields,
            max(self.listed, other.listed),
            max(self.records, other.records),
            self.circular or other.circular,
        )


#: The size of each operation and fragment of a document.
Sizes = Sequence[tuple[OperationDefinitionNode | FragmentDefinitionNode, Size]]


def measure(document: DocumentNode) -> Sizes:
    """Return the sizes of a document's operations, and of its fragments: validation looks at unused ones too."""
    fragments = {d.name.value: d for d in document.definitions if isinstance(d, FragmentDefinitionNode)}
    measuring = _Measure(fragments)
    return [
        (d, measuring.definition(d))
        for d in document.definitions
        if isinstance(d, OperationDefinitionNode | FragmentDefinitionNode)
    ]


class _Measure:
    def __init__(self, fragments: Mapping[str, FragmentDefinitionNode]) -> None:
        self._fragments = fragments
        self._sizes: dict[str, Size] = {}

    def definition(self, node: OperationDefinitionNode | FragmentDefinitionNode) -> Size:
        if isinstance(node, FragmentDefinitionNode):
            return self._fragment(node.name.value)
        return Size(directives=len(node.directives or ())).beside(self.selection(node.selection_set))

    def selection(self, selections: SelectionSetNode | None) -> Size:
        size = Size()
        for node in selections.selections if selections else ():
            match node:
                case FieldNode():
                    part = self._field(node)
                case InlineFragmentNode():
                    part = self.selection(node.selection_set)
                case FragmentSpreadNode():
                    part = self._fragment(node.name.value)
                case _:
                    continue
            size = size.beside(part).beside(Size(directives=len(node.directives or ())))
        return size

    def _field(self, node: FieldNode) -> Size:
        inner = self.selection(node.selection_set)
        listed = min(prod(map(_page, node.arguments or ()), start=inner.listed), _SATURATED)
        return replace(
            inner,
            depth=inner.depth + 1,
            aliases=inner.aliases + (node.alias is not None),
            fields=inner.fields + 1,
            listed=listed,
            records=listed if inner.listed > 1 else inner.records,
        )

    def _fragment(self, name: str) -> Size:
        if name not in self._sizes:
            # What is met again before it is known spreads itself.
            self._sizes[name] = Size(circular=True)
            definition = self._fragments.get(name)
            own = Size(directives=len(definition.directives or ()) if definition else 0)
            self._sizes[name] = own.beside(self.selection(definition.selection_set if definition else None))
        return self._sizes[name]


def _page(argument: ArgumentNode) -> int:
    if argument.name.value in _PAGE and isinstance(argument.value, IntValueNode):
        return max(int(argument.value.value), 1)
    return 1
