"""Groups of an entity's records: their keys and their figures."""

from __future__ import annotations

from collections.abc import Iterator

from graphql import FieldNode, GraphQLField

from crmcore.entities import kinds
from crmcore.entities.entity import Entity
from crmcore.errors import Invalid
from crmcore.graphql.planner.arguments.given import Given
from crmcore.graphql.planner.backed import object_type
from crmcore.graphql.planner.compile import Compilation
from crmcore.graphql.planner.figures.aggregates import selected
from crmcore.graphql.planner.figures.kept import kept
from crmcore.graphql.planner.figures.keys import Key, Keys
from crmcore.graphql.planner.figures.ranking import Ranking
from crmcore.graphql.planner.figures.terms import Figures
from crmcore.graphql.planner.here import Here
from crmcore.graphql.planner.plan import Groups, Literal, Node, Obj, Row, Rows, Scan, Totals

__all__ = ["groups"]

_MOST_GROUPS = 1000


def groups(
    compilation: Compilation, entity: Entity, rows: Rows, field: GraphQLField, nodes: list[FieldNode], here: Here
) -> Node:
    """Compile groups of some rows of an entity.

    Args:

        compilation: the statement they become part of.
        entity: whose records the rows are.
        rows: all rows before the argument `filter`.
        field: the field of the list of groups.
        nodes: its nodes in the document.
        here: where it stands.

    Raises:

        Forbidden: what is grouped, filtered or ordered by may not be seen.
        Invalid: an argument has no meaning.
        Failed: the arguments cannot be read.
    """
    return _Groups(compilation, entity, rows, compilation.arguments(nodes[0], here)).node(field, nodes, here)


class _Groups:
    def __init__(self, compilation: Compilation, entity: Entity, rows: Rows, given: Given) -> None:
        self._compilation, self._entity, self._given = compilation, entity, given
        chosen = given.get("filter")
        conditions = compilation.filters.conditions(entity, rows.alias, chosen) if chosen else ()
        self._rows = Rows(rows.table, rows.alias, (*rows.where, *conditions))
        self._alias = compilation.related.alias()
        self._figures = Figures(compilation.request.dialect, rows.alias, self._alias)
        self._linked = Keys(compilation)
        by = given.get("groupBy")
        assert by is not None
        self._keys = tuple(self._linked.of(entity, rows.alias, by))

    def node(self, field: GraphQLField, nodes: list[FieldNode], here: Here) -> Groups:
        value = self._group(field, nodes, here.each())
        ranking = Ranking(self._compilation, self._entity, self._figures, [columns for _, columns in self._placed()])
        having, order = tuple(ranking.having(self._given)), tuple(ranking.order(self._given))
        columns = tuple(column for key in self._keys for column in key.columns)
        totals = Totals(*self._scanned(columns), self._alias, value, columns, self._linked.joins)
        return Groups(totals, having, order, self._limit())

    def _scanned(self, columns: tuple[str, ...]) -> tuple[Rows, tuple[Scan, ...]]:
        """Return the rows that are looked at, and what is asked of them."""
        scans = self._figures.scans() or (Scan(None, ()),)
        links = [condition for rows in self._linked.joins for condition in rows.where]
        return kept(self._entity, self._rows, scans, [*columns, *links]) or (self._rows, scans)

    def _group(self, field: GraphQLField, nodes: list[FieldNode], here: Here) -> Obj:
        type_ = object_type(field)

        def member(name: str, key: str, nodes: list[FieldNode]) -> Node:
            there, made = here.below(key, nodes[0]), type_.fields[name]
            if name == "aggregate":
                return selected(self._compilation, self._entity, self._figures, made, nodes, there)
            return Row(tuple(self._key(made, nodes, there.each(), each) for each in self._placed()))

        return self._compilation.structure(type_, nodes, here, member)

    def _key(self, field: GraphQLField, nodes: list[FieldNode], here: Here, placed: tuple[Key, tuple[str, ...]]) -> Obj:
        key, columns = placed
        shown = {"field": Literal(key.name), "value": key.shown(columns)}
        return self._compilation.structure(object_type(field), nodes, here, lambda name, _key, _nodes: shown[name])

    def _placed(self) -> Iterator[tuple[Key, tuple[str, ...]]]:
        """Yield each key with what its columns are called in a group."""
        start = 0
        for key in self._keys:
            yield key, tuple(f"{self._alias}.k{start + offset}" for offset in range(len(key.columns)))
            start += len(key.columns)

    def _limit(self) -> str:
        first = self._given.get("first")
        assert first is not None

        def checked(number: int) -> int:
            if 0 <= number <= _MOST_GROUPS:
                return number
            msg = f"first is {number}; give 0 to {_MOST_GROUPS}, and filter or group more coarsely for fewer groups."
            raise Invalid.at("first", "PAGE_SIZE", msg)

        return self._compilation.binder.bind(first.reader(checked), kinds.BIGINT, first.place)
