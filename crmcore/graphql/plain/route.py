"""Which root fields of an operation the planner answers, and which the executor has to."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    InlineFragmentNode,
    OperationDefinitionNode,
    OperationType,
    SelectionNode,
    SelectionSetNode,
)

from crmcore.graphql.plain.backed import Backed
from crmcore.graphql.plain.reduction import Reduction
from crmcore.graphql.planner.documents.document import Operation
from crmcore.graphql.requests.straight import straight

__all__ = ["Route", "route"]


@dataclass(frozen=True, eq=False)
class Route:
    """The way one operation goes; found once for each, and forgotten with it, so it does not hold on to it.

    Attributes:

        planned: what the planner reads beside what is executed; None if nothing.
        executed: response keys of the roots that have plain fields, at the root or below; if there are none, the
            planner reads the operation as it is.
        straight: those of them that are a function of the request, with no plain field below.
        documents: the original document cut to each such root.
        reduction: what to hand the planner for records that plain resolvers give; None if nothing is executed.
    """

    planned: Operation | None
    executed: frozenset[str]
    straight: frozenset[str]
    documents: Mapping[str, DocumentNode]
    reduction: Reduction | None


def route(backed: Backed, operation: Operation) -> Route:
    """Find the way of an operation."""
    definition, fragments = operation.definition, operation.fragments
    query = definition.operation is OperationType.QUERY
    root = backed.schema.get_root_type(definition.operation)
    by_key: dict[str, list[FieldNode]] = {}
    for node in _root_fields(definition.selection_set, fragments):
        by_key.setdefault(node.alias.value if node.alias else node.name.value, []).append(node)
    executed = frozenset(
        key for key, nodes in by_key.items() if any(_has_plain(backed, root, n, fragments) for n in nodes)
    )
    if not executed:
        return Route(None, executed, frozenset(), {}, None)
    reduction = Reduction(backed, operation, root)
    planned = {key for key, nodes in by_key.items() if not any(backed.is_plain(root, n.name.value) for n in nodes)}
    reads = _cut(operation, reduction.selections, planned, reduction.fragments) if planned and query else None
    documents = {key: _cut(operation, definition.selection_set, {key}, fragments).document for key in executed}
    functions = frozenset(key for key in executed if _is_straight(backed, root, by_key[key], fragments))
    return Route(reads, executed, functions, documents, reduction)


def _has_plain(backed: Backed, root: Any, node: FieldNode, fragments: Mapping[str, FragmentDefinitionNode]) -> bool:
    if backed.is_plain(root, node.name.value):
        return True
    return backed.reaches_plain(node.selection_set, backed.child(root, node), fragments, set())


def _is_straight(
    backed: Backed, root: Any, nodes: list[FieldNode], fragments: Mapping[str, FragmentDefinitionNode]
) -> bool:
    field = backed.definition(root, nodes[0].name.value)
    if field is None or straight(field) is None:
        return False
    return not any(backed.reaches_plain(n.selection_set, backed.child(root, n), fragments, set()) for n in nodes)


def _root_fields(selections: SelectionSetNode, fragments: Mapping[str, FragmentDefinitionNode]) -> Iterator[FieldNode]:
    for node in selections.selections:
        match node:
            case FieldNode():
                yield node
            case InlineFragmentNode():
                yield from _root_fields(node.selection_set, fragments)
            case FragmentSpreadNode():
                yield from _root_fields(fragments[node.name.value].selection_set, fragments)


def _cut(
    operation: Operation,
    selections: SelectionSetNode,
    keys: Collection[str],
    fragments: Mapping[str, FragmentDefinitionNode],
) -> Operation:
    definition: OperationDefinitionNode = replace(
        operation.definition, selection_set=_cut_set(selections, keys, fragments)
    )
    return Operation(DocumentNode(definitions=(definition, *fragments.values())), definition)


def _cut_set(
    selections: SelectionSetNode, keys: Collection[str], fragments: Mapping[str, FragmentDefinitionNode]
) -> SelectionSetNode:
    kept: list[SelectionNode] = []
    for node in selections.selections:
        match node:
            case FieldNode() if (node.alias or node.name).value in keys:
                kept.append(node)
            case InlineFragmentNode():
                kept.append(replace(node, selection_set=_cut_set(node.selection_set, keys, fragments)))
            case FragmentSpreadNode():
                fragment = fragments[node.name.value]
                inner = _cut_set(fragment.selection_set, keys, fragments)
                kept.append(
                    InlineFragmentNode(
                        type_condition=fragment.type_condition, directives=node.directives, selection_set=inner
                    )
                )
    return replace(selections, selections=tuple(kept))
