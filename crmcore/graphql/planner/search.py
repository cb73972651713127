"""Search: a page of records of several entities, those that are what is looked for first, then those that begin with it."""

from __future__ import annotations

from dataclasses import dataclass

from graphql import FieldNode, GraphQLField, GraphQLObjectType, get_named_type

from crmcore.entities import kinds
from crmcore.entities.entity import Entity
from crmcore.errors import Invalid
from crmcore.graphql.planner.arguments import Given
from crmcore.graphql.planner.compile import Compilation
from crmcore.graphql.planner.found import MARK, checked, digest, found, place_after
from crmcore.graphql.planner.here import Here
from crmcore.graphql.planner.plan import AnyOf, Cell, Cursor, Edge, Items, Node, Obj, Page, Range, Rows, Some, Sorting
from crmcore.graphql.planner.reasons import Reasons
from crmcore.graphql.planner.sizes import counted, limit

__all__ = ["search"]


def search(compilation: Compilation, field: GraphQLField, nodes: list[FieldNode], here: Here) -> Node:
    """Compile the root field `search`.

    Raises:

        Invalid: the arguments have no meaning.
        Failed: they cannot be read.
    """
    given = compilation.arguments(nodes[0], here)
    query = given.get("query")
    assert query is not None
    read = query.reader(checked)
    size, _ = limit(compilation, given)
    here = counted(compilation, given, here)
    names = _wanted(compilation, given)
    after = place_after(compilation, given, read)
    alias, place = compilation.related.alias(), here.place
    same = compilation.binder.bind(lambda bound: digest(read(bound)), kinds.TEXT, place)
    tiers = found(compilation, names, read, f"({size} + 1)", after, here)
    # One more than the page has tells whether there are more.
    rest = f"select h.*, {same} as asked, (count(*) over ()) > {size} as more from ({tiers}) h"
    rows = Rows(f"({rest} order by tier, position desc limit {size})", alias, ())
    order = (
        Sorting(f"{alias}.tier", kinds.INT, False, None),
        Sorting(f"{alias}.position", compilation.request.dialect.position, True, None),
        Sorting(f"{alias}.asked", kinds.TEXT, False, None),
    )
    reasons = Reasons(compilation, names, alias, compilation.binder.bind(read, kinds.TEXT, place))
    shown = _Shown(compilation, names, alias, after is not None, reasons, here).connection(field, nodes)
    return Page(rows, (Range((), order),), order, False, size, MARK, shown)


def _wanted(compilation: Compilation, given: Given) -> list[Entity]:
    types = given.get("types")
    if types is not None and not types.names:
        msg = "types is empty, so nothing could be found; leave it out to look for records of all types."
        raise Invalid.at("types", "REQUIRED", msg)
    entities = compilation.request.entities
    return [entities[name] for name in entities.searched if types is None or name.upper() in types.names]


@dataclass(frozen=True)
class _Shown:
    """What is shown of one page."""

    compilation: Compilation
    entities: list[Entity]
    alias: str
    continued: bool
    reasons: Reasons
    here: Here

    def connection(self, field: GraphQLField, nodes: list[FieldNode]) -> Obj:
        type_ = _object(field)

        def member(name: str, key: str, nodes: list[FieldNode]) -> Node:
            here = self.here.below(key, nodes[0])
            match name:
                case "nodes":
                    return Items(self._record(nodes, here.each()))
                case "edges":
                    return Items(self._edge(type_.fields[name], nodes, here.each()))
            return self._page_info(type_.fields[name], nodes, here)

        return self.compilation.structure(type_, nodes, self.here, member)

    def _record(self, nodes: list[FieldNode], here: Here) -> AnyOf:
        names = [entity.name for entity in self.entities]
        return self.compilation.any_of(names, f"{self.alias}.entity", f"{self.alias}.id", nodes, here)

    def _edge(self, field: GraphQLField, nodes: list[FieldNode], here: Here) -> Obj:
        def member(name: str, key: str, nodes: list[FieldNode]) -> Node:
            below = here.below(key, nodes[0])
            match name:
                case "cursor":
                    return Cursor()
                case "field" | "snippet":
                    return self.reasons.node(name, below)
            return self._record(nodes, below)

        return self.compilation.structure(_object(field), nodes, here, member)

    def _page_info(self, field: GraphQLField, nodes: list[FieldNode], here: Here) -> Obj:
        def member(name: str, _key: str, _nodes: list[FieldNode]) -> Node:
            match name:
                case "startCursor" | "endCursor":
                    return Edge(first=name == "startCursor")
                case "hasNextPage":
                    return Some(f"{self.alias}.more")
            return Cell("1 = 1" if self.continued else "1 = 0", kinds.BOOL)

        return self.compilation.structure(_object(field), nodes, here, member)


def _object(field: GraphQLField) -> GraphQLObjectType:
    type_ = get_named_type(field.type)
    assert isinstance(type_, GraphQLObjectType)
    return type_
