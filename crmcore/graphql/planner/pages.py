"""Connections: which part of a list, and what is shown of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from math import prod

from graphql import FieldNode, GraphQLField, GraphQLObjectType, get_named_type

from crmcore.entities import kinds
from crmcore.entities.entity import Entity
from crmcore.errors import Invalid
from crmcore.graphql.planner.arguments import Given
from crmcore.graphql.planner.binding import Bound
from crmcore.graphql.planner.compile import Compilation
from crmcore.graphql.planner.dialect import source, where
from crmcore.graphql.planner.here import Here
from crmcore.graphql.planner.ordering import beyond, fingerprint, sortings
from crmcore.graphql.planner.plan import Cell, Cursor, Edge, Items, Node, Obj, Page, Rows, Sorting

__all__ = ["page"]

_FALSE = "1 = 0"


@dataclass(frozen=True)
class _Range:
    """A part of a list.

    Attributes:

        limit: SQL for the number of rows.
        backwards: whether they are counted from the end.
        bounds: the conditions of the cursors it lies between.
        outside: the conditions of what lies at and beyond the cursor at its start, and at its end.
    """

    limit: str
    backwards: bool
    bounds: tuple[str, ...]
    outside: tuple[str | None, str | None]


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
    order = sortings(compilation.request.entities, entity, rows.alias, given.get("orderBy"), compilation.rules, dialect)
    mark = fingerprint(entity, order, rows.alias)
    part = _range(compilation, given, order, mark)
    here = _counted(compilation, given, here)
    inside = Rows(rows.table, rows.alias, (*rows.where, *part.bounds))
    shown = _Shown(compilation, entity, rows, inside, part, here).connection(field, nodes)
    return Page(inside, order, part.backwards, part.limit, mark, shown)


def _range(compilation: Compilation, given: Given, order: tuple[Sorting, ...], mark: str) -> _Range:
    first, last = given.get("first"), given.get("last")
    if first and last:
        msg = "first counts from the start and last from the end; give one of them."
        raise Invalid.at("last", "FIRST_AND_LAST", msg)
    size = first or last
    limit = _limit(compilation, size) if size else str(compilation.request.default_page)
    bounds: list[str] = []
    outside: list[str | None] = []
    for cursor, there, back in (
        (given.get("after"), order, [k.reversed for k in order]),
        (given.get("before"), [k.reversed for k in order], order),
    ):
        if cursor:
            bounds.append(beyond(cursor, there, mark, compilation.binder))
        outside.append(beyond(cursor, back, mark, compilation.binder, inclusive=True) if cursor else None)
    return _Range(limit, last is not None, tuple(bounds), (outside[0], outside[1]))


def _counted(compilation: Compilation, given: Given, here: Here) -> Here:
    """Refuse requests whose pages, were they full, would hold too much: 200 in 200 in 200 are eight million."""
    size = given.get("first") or given.get("last")
    default, most = compilation.request.default_page, compilation.request.most_records
    read: Callable[[Bound], int] = size.reader() if size else lambda _: default
    sizes = (*here.sizes, read)

    def check(bound: Bound) -> None:
        count = prod(max(size(bound), 1) for size in sizes)
        if count > most:
            msg = f"These lists in lists could hold {count} records; an answer may hold {most}. Give smaller pages: `first`, `last`."
            raise Invalid.at(given.path or "first", "TOO_MANY_RECORDS", msg)

    if len(sizes) > 1:
        compilation.binder.check(check, here.place)
    return replace(here, sizes=sizes)


def _limit(compilation: Compilation, size: Given) -> str:
    largest = compilation.request.largest_page

    def checked(number: int) -> int:
        if 0 <= number <= largest:
            return number
        msg = f"{size.path} is {number}; give 0 to {largest}, and ask on with cursors for more."
        raise Invalid.at(size.path, "PAGE_SIZE", msg)

    return compilation.binder.bind(size.reader(checked), kinds.BIGINT, size.place)


@dataclass(frozen=True)
class _Shown:
    """What is shown of one page."""

    compilation: Compilation
    entity: Entity
    every: Rows
    inside: Rows
    part: _Range
    here: Here

    def connection(self, field: GraphQLField, nodes: list[FieldNode]) -> Obj:
        type_ = _object(field)

        def member(name: str, key: str, nodes: list[FieldNode]) -> Node:
            here = self.here.below(key, nodes[0])
            if name == "nodes":
                return Items(self.compilation.record(self.entity, self.inside.alias, nodes, here.each()))
            if name == "edges":
                return Items(self._edge(type_.fields[name], nodes, here.each()))
            if name == "pageInfo":
                return self._page_info(type_.fields[name], nodes, here)
            return Cell(f"(select count(*) from {source(self.every)}{where(self.every.where)})", kinds.INT)

        return self.compilation.structure(type_, nodes, self.here, member)

    def _edge(self, field: GraphQLField, nodes: list[FieldNode], here: Here) -> Obj:
        def member(name: str, key: str, nodes: list[FieldNode]) -> Node:
            if name == "cursor":
                return Cursor()
            return self.compilation.record(self.entity, self.inside.alias, nodes, here.below(key, nodes[0]))

        return self.compilation.structure(_object(field), nodes, here, member)

    def _page_info(self, field: GraphQLField, nodes: list[FieldNode], here: Here) -> Obj:
        def member(name: str, _key: str, _nodes: list[FieldNode]) -> Node:
            match name:
                case "startCursor" | "endCursor":
                    return Edge(first=name == "startCursor")
                case "hasNextPage":
                    return Cell(self._more(self.part.outside[1], cut=not self.part.backwards), kinds.BOOL)
            return Cell(self._more(self.part.outside[0], cut=self.part.backwards), kinds.BOOL)

        return self.compilation.structure(_object(field), nodes, here, member)

    def _more(self, outside: str | None, *, cut: bool) -> str:
        """Return the condition that rows lie beyond one end: cut off by the limit, or by the cursor at that end."""
        ways = []
        if cut:
            # Without an order: that there are more than so many does not depend on which these are.
            ways.append(
                f"exists (select 1 from {source(self.inside)}{where(self.inside.where)} limit 1 offset {self.part.limit})"
            )
        if outside:
            ways.append(f"exists (select 1 from {source(self.every)}{where([*self.every.where, outside])})")
        return f"({' or '.join(ways)})" if ways else _FALSE


def _object(field: GraphQLField) -> GraphQLObjectType:
    type_ = get_named_type(field.type)
    assert isinstance(type_, GraphQLObjectType)
    return type_
