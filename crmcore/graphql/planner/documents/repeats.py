"""How often a document selects the same thing again, which validation compares pair by pair.

480 times `id` are a short text within every other limit, and took 110 ms to validate: each of 115 000 pairs of fields
with one response key is looked at (GraphQL specification, 5.3.2).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from graphql import (
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    InlineFragmentNode,
    OperationDefinitionNode,
    SelectionSetNode,
)

__all__ = ["repeated_pairs"]


def repeated_pairs(
    definition: OperationDefinitionNode | FragmentDefinitionNode,
    fragments: Mapping[str, FragmentDefinitionNode],
    most: int,
) -> int:
    """Return how many pairs of fields would be merged, more than `most` if there are more than `most`.

    Args:

        definition: an operation or a fragment whose fields have been counted: the time is linear in their number.
        fragments: the document's, by name.
        most: where to stop.
    """
    pairs, merged = 0, [[definition.selection_set]]
    while merged and pairs <= most:
        by_key: dict[str, list[SelectionSetNode]] = {}
        times: dict[str, int] = {}
        for node in _fields(merged.pop(), fragments):
            key = (node.alias or node.name).value
            pairs += times.get(key, 0)
            times[key] = times.get(key, 0) + 1
            if node.selection_set:
                by_key.setdefault(key, []).append(node.selection_set)
        merged.extend(by_key.values())
    return pairs


def _fields(
    sets: Iterable[SelectionSetNode], fragments: Mapping[str, FragmentDefinitionNode], within: tuple[str, ...] = ()
) -> Iterator[FieldNode]:
    for selections in sets:
        for node in selections.selections:
            match node:
                case FieldNode():
                    yield node
                case InlineFragmentNode():
                    yield from _fields([node.selection_set], fragments, within)
                case FragmentSpreadNode() if node.name.value in fragments and node.name.value not in within:
                    name = node.name.value
                    yield from _fields([fragments[name].selection_set], fragments, (*within, name))
