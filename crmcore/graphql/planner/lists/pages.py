"""Lists of an entity's records: which part of one, and its count and figures."""

from __future__ import annotations

from graphql import FieldNode, GraphQLField

from crmcore.entities import kinds
from crmcore.entities.entity import Entity
from crmcore.graphql.planner.compile import Compilation
from crmcore.graphql.planner.dialect import source, where
from crmcore.graphql.planner.figures.aggregates import aggregate
from crmcore.graphql.planner.figures.kept import count
from crmcore.graphql.planner.here import Here
from crmcore.graphql.planner.lists.ordering import fingerprint, sortings
from crmcore.graphql.planner.lists.part import part_of
from crmcore.graphql.planner.lists.shown import Shown
from crmcore.graphql.planner.lists.sizes import counted
from crmcore.graphql.planner.lists.steady import steady
from crmcore.graphql.planner.plan import Cell, Node, Obj, Page, Rows
from crmcore.graphql.planner.sealed.ordering import placed

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
    if len(here.trail) == 1:
        rows = compilation.request.dialect.led(rows)
    dialect = compilation.request.dialect.name
    order = sortings(compilation.related, entity, rows.alias, given.get("orderBy"), dialect)
    mark = fingerprint(entity, order)
    order = placed(compilation, rows, order, given)
    constant = compilation.request.dialect.plans_by_values and steady(entity, rows, order)
    part = part_of(compilation, rows, given, order, mark, constant=constant)
    here = counted(compilation, given, here)

    def record(nodes: list[FieldNode], here: Here) -> Obj:
        return compilation.record(entity, rows.alias, nodes, here)

    def more(at_end: bool) -> Cell:
        return Cell(part.more(at_end=at_end), kinds.BOOL)

    def of_page(name: str, field: GraphQLField, nodes: list[FieldNode], here: Here) -> Node:
        if name == "aggregate":
            return aggregate(compilation, entity, part.every, field, nodes, here)
        call, counted_rows = count(entity, part.every)
        return Cell(f"(select {call} from {source(counted_rows)}{where(counted_rows.where)})", kinds.INT)

    shown = Shown(compilation, here, record, more, of_page).connection(field, nodes)
    return Page(part.inside, part.ranges, order, part.backwards, part.limit, mark, shown)
