"""Timelines: connections over records of several entities, shown as a union."""

from __future__ import annotations

from dataclasses import dataclass

from graphql import FieldNode, GraphQLField, GraphQLObjectType, get_named_type

from crmcore.entities import fields as f
from crmcore.entities import kinds
from crmcore.graphql.planner.compile import Compilation
from crmcore.graphql.planner.feed import KEYS, MARK, NewestFirst, feed_of
from crmcore.graphql.planner.here import Here
from crmcore.graphql.planner.plan import AnyOf, Cell, Cursor, Edge, Items, Node, Obj, Page, Range, Rows, Sorting
from crmcore.graphql.planner.sizes import counted

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
    shown = _Shown(compilation, part, alias, counted(compilation, given, here)).connection(field, nodes)
    # The page is cut already, from either end, and only has to be sorted.
    return Page(Rows(f"({part.page})", alias, ()), (Range((), order),), order, False, part.size, MARK, shown)


@dataclass(frozen=True)
class _Shown:
    """What is shown of one page."""

    compilation: Compilation
    part: NewestFirst
    alias: str
    here: Here

    def connection(self, field: GraphQLField, nodes: list[FieldNode]) -> Obj:
        type_ = _object(field)

        def member(name: str, key: str, nodes: list[FieldNode]) -> Node:
            here = self.here.below(key, nodes[0])
            match name:
                case "nodes":
                    return Items(self._entry(nodes, here.each()))
                case "edges":
                    return Items(self._edge(type_.fields[name], nodes, here.each()))
                case "pageInfo":
                    return self._page_info(type_.fields[name], nodes, here)
            return Cell(self.part.count, kinds.INT)

        return self.compilation.structure(type_, nodes, self.here, member)

    def _entry(self, nodes: list[FieldNode], here: Here) -> AnyOf:
        return self.compilation.any_of(self.part.entities, f"{self.alias}.entity", f"{self.alias}.id", nodes, here)

    def _edge(self, field: GraphQLField, nodes: list[FieldNode], here: Here) -> Obj:
        def member(name: str, key: str, nodes: list[FieldNode]) -> Node:
            match name:
                case "cursor":
                    return Cursor()
                case "kind":
                    return Cell(f"{self.alias}.kind", kinds.TEXT)
                case "at":
                    return Cell(f"{self.alias}.at", kinds.INSTANT)
            return self._entry(nodes, here.below(key, nodes[0]))

        return self.compilation.structure(_object(field), nodes, here, member)

    def _page_info(self, field: GraphQLField, nodes: list[FieldNode], here: Here) -> Obj:
        def member(name: str, _key: str, _nodes: list[FieldNode]) -> Node:
            match name:
                case "startCursor" | "endCursor":
                    return Edge(first=name == "startCursor")
                case "hasNextPage":
                    return Cell(self.part.more(at_end=True), kinds.BOOL)
            return Cell(self.part.more(at_end=False), kinds.BOOL)

        return self.compilation.structure(_object(field), nodes, here, member)


def _object(field: GraphQLField) -> GraphQLObjectType:
    type_ = get_named_type(field.type)
    assert isinstance(type_, GraphQLObjectType)
    return type_
