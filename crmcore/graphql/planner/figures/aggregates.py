"""The figures of a whole list: what is selected of them, and of which rows they are made."""

from __future__ import annotations

from graphql import FieldNode, GraphQLField

from crmcore.entities.entity import Entity
from crmcore.graphql.lists.figures import Figure
from crmcore.graphql.planner.backed import backing, object_type
from crmcore.graphql.planner.compile import Compilation
from crmcore.graphql.planner.figures.kept import kept
from crmcore.graphql.planner.figures.terms import Figures
from crmcore.graphql.planner.here import Here
from crmcore.graphql.planner.plan import Node, Obj, Rows, Totals

__all__ = ["aggregate", "selected", "totals"]


def aggregate(
    compilation: Compilation, entity: Entity, rows: Rows, field: GraphQLField, nodes: list[FieldNode], here: Here
) -> Node:
    """Compile the figures of some rows.

    Args:

        compilation: the statement they become part of.
        entity: whose records the rows are.
        rows: all rows of the list.
        field: the field that shows them.
        nodes: its nodes in the document.
        here: where it stands.

    Raises:

        Failed: a figure is of what the actor may not see.
    """
    alias = compilation.related.alias()
    figures = Figures(compilation.request.dialect, rows.alias, alias)
    return totals(entity, rows, figures, alias, selected(compilation, entity, figures, field, nodes, here))


def totals(entity: Entity, rows: Rows, figures: Figures, alias: str, value: Obj) -> Node:
    """Return what makes the figures of some rows: one scan for all, one more for each further currency column."""
    scans = figures.scans()
    if not scans:
        return value
    return Totals(*(kept(entity, rows, scans) or (rows, scans)), alias, value)


def selected(
    compilation: Compilation, entity: Entity, figures: Figures, field: GraphQLField, nodes: list[FieldNode], here: Here
) -> Obj:
    """Compile what is selected of an object of figures, which collects the parts they are made of."""
    type_ = object_type(field)

    def member(name: str, key: str, nodes: list[FieldNode]) -> Node:
        figure = backing(type_.fields[name])
        assert isinstance(figure, Figure)
        if figure.field is not None:
            compilation.rules.require_open(entity, figure.field, "aggregate")

        def show(amount: Node, currency: Node) -> Obj:
            parts = {"amount": amount, "currency": currency}
            money, there = object_type(type_.fields[name]), here.below(key, nodes[0]).each()
            return compilation.structure(money, nodes, there, lambda name, _key, _nodes: parts[name])

        return figures.shown(figure, show)

    return compilation.structure(type_, nodes, here, member)
