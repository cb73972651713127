"""A checked operation, and the errors that keep a text from becoming one."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property

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

__all__ = ["GraphQLErrors", "Operation"]

_INTROSPECTION = ("__schema", "__type")


class GraphQLErrors(Exception):
    """The request cannot be executed: the answer has `errors` and no `data`.

    Attributes:

        errors: one GraphQL error or more, with locations where there are any.
    """

    def __init__(self, errors: Sequence[GraphQLError]) -> None:
        self.errors = list(errors)
        super().__init__("; ".join(error.message for error in errors))


class Operation:
    """One operation of a valid document, with its fragments; compared and hashed by identity.

    Attributes:

        document: what it stands in.
        definition: the operation.
        notes: what others have worked out about it, by whoever did.
    """

    def __init__(self, document: DocumentNode, definition: OperationDefinitionNode) -> None:
        self.document = document
        self.definition = definition
        self.notes: dict[object, object] = {}

    @cached_property
    def fragments(self) -> Mapping[str, FragmentDefinitionNode]:
        """The document's fragments by name."""
        return {d.name.value: d for d in self.document.definitions if isinstance(d, FragmentDefinitionNode)}

    @cached_property
    def introspection(self) -> frozenset[str]:
        """Response keys of the roots that ask for the schema itself."""
        roots = _roots(self.definition.selection_set, self.fragments)
        return frozenset((node.alias or node.name).value for node in roots if node.name.value in _INTROSPECTION)

    @property
    def name(self) -> str | None:
        """The operation's own name."""
        return self.definition.name.value if self.definition.name else None


def _roots(selections: SelectionSetNode, fragments: Mapping[str, FragmentDefinitionNode]) -> Iterator[FieldNode]:
    for node in selections.selections:
        if isinstance(node, FieldNode):
            yield node
        elif isinstance(node, FragmentSpreadNode):
            yield from _roots(fragments[node.name.value].selection_set, fragments)
        elif isinstance(node, InlineFragmentNode):
            yield from _roots(node.selection_set, fragments)
