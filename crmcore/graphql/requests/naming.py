"""Which fields a document names."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Any

from graphql import FieldNode, Node, Visitor, visit

__all__ = ["names"]


def names(nodes: Iterable[Node], fields: Collection[str]) -> bool:
    """Say whether one of some fields is named anywhere below some nodes of a document."""
    named = set[str]()

    class Naming(Visitor):
        def enter_field(self, node: FieldNode, *_: Any) -> None:
            named.add(node.name.value)

    naming = Naming()
    for node in nodes:
        visit(node, naming)
    return not named.isdisjoint(fields)
