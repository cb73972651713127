"""Connections: which part of a list, and what is shown of it."""

from __future__ import annotations

from dataclasses import dataclass

from graphql import FieldNode, GraphQLField, GraphQLObjectType, get_named_type

from crmcore.entities import kinds
from crmcore.entities.entity import Entity
from crmcore.graphql.planner.aggregates import aggregate
from crmcore.graphql.planner.compile import Compilation
from crmcore.graphql.planner.dialect import source, where
from crmcore.graphql.planner.here import Here
from crmcore.graphql.planner.kept import count
from crmcore.graphql.planner.ordering import fingerprint, sortings
from crmcore.graphql.planner.part import Part, part_of
from crmcore.graphql.planner.plan import Cell, Cursor, Edge, Items, Node, Obj, Page, Rows
from crmcore.graphql.planner.sizes import counted

__all__ = ["page"]


def page(
    compilation: Compilation, entity: Entity, rows: Rows, field: GraphQLField, nodes: list[FieldNode], here: Here
) -> Node:
    """Compile a connection over some rows of an entity.

    Args:

        compilation: the statement it becomes part of.
        entity: whose records they are.
        rows: all rows of the list before its arguments.
        field: the field of connection type.
        nodes: its nodes in the document.
        here: where it stands.

    Raises:

        Forbidden: it is filtered or ordered by what the actor may not see.
        Invalid: the arguments contradict each other.
        Failed: they cannot be read.
    """
    given = compilation.arguments(nodes[0], here)
    chosen = given.get("filter")
    conditions = tuple(compilation.filters.conditions(entity, rows.alias, chosen)) if chosen else ()
    rows = Rows(rows.table, rows.alias, (*rows.where, *conditions))
    dialect = compilation.request.dialect.name
    order = sortings(compilation.related, entity, rows.alias, given.get("orderBy"), dialect)
    mark = fingerprint(entity, order)
    part = part_of(compilation, rows, given, order, mark)
    here = counted(compilation, given, here)
    shown = _Shown(compilation, entity, part, here).connection(field, nodes)
    return Page(part.inside, part.ranges, order, part.backwards, part.limit, mark, shown)


@dataclass(frozen=True)
class _Shown:
    """What is shown of one page."""

    compilation: Compilation
    entity: Entity
    part: Part
    here: Here

    def connection(self, field: GraphQLField, nodes: list[FieldNode]) -> Obj:
        type_ = _object(field)

        def member(name: str, key: str, nodes: list[FieldNode]) -> Node:
            here = self.here.below(key, nodes[0])
            if name == "nodes":
                return Items(self.compilation.record(self.entity, self.part.every.alias, nodes, here.each()))
            if name == "edges":
                return Items(self._edge(type_.fields[name], nodes, here.each()))
            if name == "pageInfo":
                return self._page_info(type_.fields[name], nodes, here)
            if name == "aggregate":
                return aggregate(self.compilation, self.entity, self.part.every, type_.fields[name], nodes, here)
            call, rows = count(self.entity, self.part.every)
            return Cell(f"(select {call} from {source(rows)}{where(rows.where)})", kinds.INT)

        return self.compilation.structure(type_, nodes, self.here, member)

    def _edge(self, field: GraphQLField, nodes: list[FieldNode], here: Here) -> Obj:
        def member(name: str, key: str, nodes: list[FieldNode]) -> Node:
            if name == "cursor":
                return Cursor()
            return self.compilation.record(self.entity, self.part.every.alias, nodes, here.below(key, nodes[0]))

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
