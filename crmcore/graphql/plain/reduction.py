"""A document as the planner may see it: without plain fields, with what these need of their parents."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from graphql import (
    FieldNode,
    FragmentDefinitionNode,
    InlineFragmentNode,
    NameNode,
    SelectionNode,
    SelectionSetNode,
    is_abstract_type,
)

from crmcore.graphql.plain.backed import Backed
from crmcore.graphql.planner.documents.document import Operation

__all__ = ["ID_KEY", "TYPE_KEY", "Reduction"]

#: Response keys under which a plain field's parent has its id, and a value of an abstract type its type.
ID_KEY, TYPE_KEY = "_crm_id", "_crm_type"


def _aliased(key: str, name: str) -> FieldNode:
    return FieldNode(name=NameNode(value=name), alias=NameNode(value=key), arguments=(), directives=())


_ID, _TYPE = _aliased(ID_KEY, "id"), _aliased(TYPE_KEY, "__typename")


class Reduction:
    """One operation, reduced once: the planner's caches go by the identity of nodes.

    Attributes:

        selections: of the operation.
        fragments: by name.
    """

    def __init__(self, backed: Backed, operation: Operation, root: Any) -> None:
        self._backed = backed
        self._nodes: dict[int, FieldNode] = {}
        # The originals are kept, so that no other node can come to have their ids (the operation itself must be free to go).
        self._document = operation.document
        types = backed.schema.type_map
        self.fragments: Mapping[str, FragmentDefinitionNode] = {
            name: replace(f, selection_set=self._set(f.selection_set, types[f.type_condition.name.value]))
            for name, f in operation.fragments.items()
        }
        self.selections = self._set(operation.definition.selection_set, root)

    def node(self, original: FieldNode) -> FieldNode:
        """Return what became of a field of the original document."""
        return self._nodes[id(original)]

    def _set(self, selections: SelectionSetNode, parent: Any) -> SelectionSetNode:
        kept = tuple(self._kept(selections, parent))
        plain = len(kept) < len(selections.selections)
        extra = ((_ID,) if plain and self._backed.entity(parent) else ()) + (
            (_TYPE,) if is_abstract_type(parent) else ()
        )
        return replace(selections, selections=kept + extra)

    def _kept(self, selections: SelectionSetNode, parent: Any) -> Iterator[SelectionNode]:
        for node in selections.selections:
            if isinstance(node, FieldNode):
                inner = self._set(node.selection_set, self._backed.child(parent, node)) if node.selection_set else None
                self._nodes[id(node)] = replace(node, selection_set=inner)
                if not self._backed.is_plain(parent, node.name.value):
                    yield self._nodes[id(node)]
            elif isinstance(node, InlineFragmentNode):
                condition = node.type_condition
                type_ = self._backed.schema.type_map[condition.name.value] if condition else parent
                yield replace(node, selection_set=self._set(node.selection_set, type_))
            else:
                yield node
