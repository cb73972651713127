"""Timelines: connections over records of several entities, shown as a union."""

from __future__ import annotations

from graphql import FieldNode, GraphQLField

from crmcore.entities import fields as f
from crmcore.entities import kinds
from crmcore.graphql.planner.compile import Compilation
from crmcore.graphql.planner.feeds.feed import KEYS, MARK, feed_of
from crmcore.graphql.planner.here import Here
from crmcore.graphql.planner.lists.shown import Shown
from crmcore.graphql.planner.lists.sizes import counted
from crmcore.graphql.planner.plan import AnyOf, Cell, Node, Page, Range, Rows, Sorting

__all__ = ["timeline"]


def timeline(
    compilation: Compilation, feed: f.Feed, parent: str, field: GraphQLField, nodes: list[FieldNode], here: Here
) -> Node:
    """Compile the timeline of a record.

    Args:

        compilation: the statement it becomes part of.
        feed: the sources.
        parent: the record's alias.
        field: the field of connection type.
        nodes: its nodes in the document.
        here: where it stands.

    Raises:

        Invalid: the arguments contradict each other.
        Failed: they cannot be read.
    """
    given = compilation.arguments(nodes[0], here)
    part = feed_of(compilation, feed, given, parent)
    alias = compilation.related.alias()
    order = tuple(Sorting(f"{alias}.{name}", kind, True, None) for name, kind in KEYS)

    def entry(nodes: list[FieldNode], here: Here) -> AnyOf:
        return compilation.any_of(part.entities, f"{alias}.entity", f"{alias}.id", nodes, here)

    def more(at_end: bool) -> Cell:
        return Cell(part.more(at_end=at_end), kinds.BOOL)

    def of_page(_name: str, _field: GraphQLField, _nodes: list[FieldNode], _here: Here) -> Node:
        return Cell(part.count, kinds.INT)

    def of_edge(name: str, _here: Here) -> Node:
        return Cell(f"{alias}.{name}", kinds.TEXT if name == "kind" else kinds.INSTANT)

    here = counted(compilation, given, here)
    shown = Shown(compilation, here, entry, more, of_page, of_edge).connection(field, nodes)
    # The page is cut already, from either end, and only has to be sorted.
    return Page(Rows(f"({part.page})", alias, ()), (Range((), order),), order, False, part.size, MARK, shown)
