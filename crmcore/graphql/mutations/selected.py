"""The roots of a mutation as its document selects them, with what stands behind each; found once for a document."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import msgspec
from graphql import FieldNode, GraphQLObjectType
from graphql.execution.values import VariableValues

from crmcore.database.connection import Isolation
from crmcore.graphql.mutations.writes import Write
from crmcore.graphql.planner.arguments.selection import flag_of
from crmcore.graphql.planner.arguments.whole import argument_reader
from crmcore.graphql.requests.request import Request
from crmcore.graphql.types.forge import backing

__all__ = ["SelectedRoot", "selected_roots"]


class SelectedRoot(msgspec.Struct, frozen=True, eq=False):
    """A root field that a mutation selects.

    Attributes:

        key: its response key.
        name: the field's name.
        nodes: its fields in the document, merged.
        write: what stands behind it; None if a plain resolver does, or nothing, as behind `__typename`.
        executed: whether the executor has a part in its answer.
        alone: whether its transaction is never shared with others, and its outcome may be kept with an idempotency key.
        isolation: of its transaction.
        arguments: reads its arguments from the coerced variables.
    """

    key: str
    name: str
    nodes: list[FieldNode]
    write: Write | None
    executed: bool
    alone: bool
    isolation: Isolation
    arguments: Callable[[VariableValues], dict[str, Any]]


def selected_roots(request: Request, type_: GraphQLObjectType) -> Sequence[SelectedRoot]:
    """Return the roots of a mutation in the order of the answer."""
    known = request.operation.notes.get(type_)
    if known is None:
        known = _roots(request, type_)
        selections = request.operation.definition.selection_set.selections
        # @skip and @include may leave out another one next time; so may they within fragments.
        if all(isinstance(node, FieldNode) and not any(flag_of(node)) for node in selections):
            request.operation.notes[type_] = known
    assert isinstance(known, list)
    return known


def _roots(request: Request, type_: GraphQLObjectType) -> list[SelectedRoot]:
    return [_root(request, type_, key, nodes) for key, nodes in request.roots(type_).items()]


def _root(request: Request, type_: GraphQLObjectType, key: str, nodes: list[FieldNode]) -> SelectedRoot:
    name = nodes[0].name.value
    if name == "__typename":
        return SelectedRoot(key, name, nodes, None, False, False, "repeatable read", lambda _: {})
    field = type_.fields[name]
    write = backing(field.extensions["strawberry-definition"])
    return SelectedRoot(
        key,
        name,
        nodes,
        write,
        executed=key in request.route.executed,
        alone=write is not None and not (write.shares or write.forgetful),
        isolation="repeatable read" if write is None else write.isolation,
        arguments=argument_reader(field, nodes[0]),
    )
