"""What every connection shows of its page: the records, alone or with their cursors, and where the page stands."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from graphql import FieldNode, GraphQLField

from crmcore.graphql.planner.backed import object_type
from crmcore.graphql.planner.compile import Compilation
from crmcore.graphql.planner.here import Here
from crmcore.graphql.planner.plan import AnyOf, Cursor, Edge, Items, Node, Obj

__all__ = ["Shown"]


@dataclass(frozen=True)
class Shown:
    """Compiles the fields of one connection.

    Attributes:

        compilation: the statement it becomes part of.
        here: where it stands.
        record: from the nodes of `node` or `nodes` and where they stand, what is shown of the page's current row.
        more: whether rows lie beyond the page, at the list's end (True) or its beginning.
        of_page: a field that only this connection has, from its name, itself, its nodes and where it stands.
        of_edge: a field that only this connection's edges have, from its name and where it stands.
    """

    compilation: Compilation
    here: Here
    record: Callable[[list[FieldNode], Here], Obj | AnyOf]
    more: Callable[[bool], Node]
    of_page: Callable[[str, GraphQLField, list[FieldNode], Here], Node] | None = None
    of_edge: Callable[[str, Here], Node] | None = None

    def connection(self, field: GraphQLField, nodes: list[FieldNode]) -> Obj:
        """Return what is shown of the page."""
        type_ = object_type(field)

        def member(name: str, key: str, nodes: list[FieldNode]) -> Node:
            here = self.here.below(key, nodes[0])
            match name:
                case "nodes":
                    return Items(self.record(nodes, here.each()))
                case "edges":
                    return Items(self._edge(type_.fields[name], nodes, here.each()))
                case "pageInfo":
                    return self._page_info(type_.fields[name], nodes, here)
            assert self.of_page is not None
            return self.of_page(name, type_.fields[name], nodes, here)

        return self.compilation.structure(type_, nodes, self.here, member)

    def _edge(self, field: GraphQLField, nodes: list[FieldNode], here: Here) -> Obj:
        def member(name: str, key: str, nodes: list[FieldNode]) -> Node:
            below = here.below(key, nodes[0])
            match name:
                case "cursor":
                    return Cursor()
                case "node":
                    return self.record(nodes, below)
            assert self.of_edge is not None
            return self.of_edge(name, below)

        return self.compilation.structure(object_type(field), nodes, here, member)

    def _page_info(self, field: GraphQLField, nodes: list[FieldNode], here: Here) -> Obj:
        def member(name: str, _key: str, _nodes: list[FieldNode]) -> Node:
            match name:
                case "startCursor" | "endCursor":
                    return Edge(first=name == "startCursor")
            return self.more(name == "hasNextPage")

        return self.compilation.structure(object_type(field), nodes, here, member)
