"""Which part of a list a page is: what its cursors leave of the list, and what lies beyond either end of it."""

from __future__ import annotations

from dataclasses import dataclass

from crmcore.graphql.planner.arguments.given import Given
from crmcore.graphql.planner.compile import Compilation
from crmcore.graphql.planner.dialect import where
from crmcore.graphql.planner.lists.cursors import place_of
from crmcore.graphql.planner.lists.keyset import beyond, whole, within
from crmcore.graphql.planner.lists.sizes import limit
from crmcore.graphql.planner.lists.sources import joined_source, ranged, sorted_rows
from crmcore.graphql.planner.plan import Range, Rows, Sorting

__all__ = ["Part", "part_of"]

Order = tuple[Sorting, ...]


@dataclass(frozen=True, slots=True)
class Part:
    """A part of a list.

    Attributes:

        every: all rows of the list.
        inside: those that the cursor at the far end leaves.
        order: the list's keys.
        limit: SQL for the number of rows.
        backwards: whether they are counted from the end.
        ranges: where they are taken from, in the order in which they are counted.
        begun: whether the counting begins at a cursor.
        outside: what lies at and beyond the cursor at its start, and at its end; no range where there is no cursor.
    """

    every: Rows
    inside: Rows
    order: Order
    limit: str
    backwards: bool
    ranges: tuple[Range, ...]
    begun: bool
    outside: tuple[tuple[Range, ...], tuple[Range, ...]]

    def more(self, *, at_end: bool) -> str:
        """Return the condition that rows lie beyond one end: cut off by the limit, or by the cursor at that end."""
        rows = [self._cut()] if at_end is not self.backwards else []
        # Not by `exists`, for which PostgreSQL forgets the order.
        rows += [
            f"(select 1 from {sorted_rows(self.every, self.order, part)} limit 1)" for part in self.outside[at_end]
        ]
        if len(rows) < 2:
            return f"{rows[0]} is not null" if rows else "1 = 0"
        # Not by `or`, both sides of which SQLite works out.
        return f"coalesce({', '.join(rows)}) is not null"

    def _cut(self) -> str:
        """Return SQL that gives something if the limit cuts rows off."""
        if not self.begun:
            # Without an order: that there are more than so many does not depend on which these are.
            rows = f"{joined_source(self.inside, self.order)}{where(self.inside.where)}"
        elif len(self.ranges) == 1:
            # In order: a database that looks without one may go through all the cursor has left behind first.
            rows = sorted_rows(self.inside, self.order, self.ranges[0])
        else:
            rows = ranged(self.inside, self.order, self.ranges, f"{self.limit} + 1", "1")
        return f"(select 1 from {rows} limit 1 offset {self.limit})"


def part_of(compilation: Compilation, rows: Rows, given: Given, order: Order, mark: str, *, constant: bool) -> Part:
    """Return the part of a list that its arguments `first`, `after`, `last` and `before` name.

    Args:

        compilation: the statement.
        rows: all rows of the list.
        given: the list's arguments.
        order: its keys.
        mark: its fingerprint.
        constant: whether its size may stand in the statement.

    Raises:

        Invalid: the arguments contradict each other, or a cursor is of another list.
    """
    size, backwards = limit(compilation, given, constant=constant)
    back = tuple(key.reversed for key in order)
    after, before = (
        place_of(cursor, order, mark, compilation.binder) if cursor else None
        for cursor in (given.get("after"), given.get("before"))
    )
    outside = (
        () if after is None else beyond(after, back, inclusive=True),
        () if before is None else beyond(before, order, inclusive=True),
    )
    begin, there, end, opposite = (before, back, after, order) if backwards else (after, order, before, back)
    ranges = whole(there, compilation.request.dialect) if begin is None else beyond(begin, there)
    bounds = () if end is None else (within(end, opposite),)
    inside = Rows(rows.table, rows.alias, (*rows.where, *bounds))
    return Part(rows, inside, order, size, backwards, ranges, begin is not None, outside)
