"""From clauses of lists: the rows of a range in their order, those of several ranges, those of a page."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from crmcore.graphql.planner.dialect import order_by, source, where
from crmcore.graphql.planner.plan import Page, Range, Rows, Sorting

__all__ = ["joined_source", "paged", "ranged", "sorted_rows"]


def joined_source(rows: Rows, order: Iterable[Sorting]) -> str:
    """Return a table with its alias, and the linked records that an order goes by."""
    return f"{source(rows)}{_joins(order)}"


def sorted_rows(rows: Rows, order: Iterable[Sorting], part: Range) -> str:
    """Return the source of the rows of a range, with conditions and order; `order` are all keys it may be about."""
    tables = f"{source(rows)}{_joins(order, part.linked)}"
    return f"{tables}{where([*rows.where, *part.where])}{order_by(part.order)}"


def ranged(rows: Rows, order: Iterable[Sorting], ranges: Sequence[Range], limit: str, columns: str) -> str:
    """Return the first rows of some ranges, one range after the other, as a source under the rows' alias.

    Args:

        rows: the table, its alias and the conditions on all of them.
        order: the keys that the ranges' conditions and orders may be about.
        ranges: in the order in which they are counted.
        limit: SQL for the number of rows.
        columns: what is needed of them.
    """

    def part(position: int, part: Range) -> str:
        return f"select * from (select {columns} from {sorted_rows(rows, order, part)} limit {limit}) p{position}"

    return f"({' union all '.join(map(part, range(len(ranges)), ranges))} limit {limit}) {rows.alias}"


def paged(page: Page) -> tuple[str, str]:
    """Return the rows of a page: the source with its alias, and the clauses that follow it and all joins."""
    rows = page.rows
    if page.backwards or len(page.ranges) > 1:
        found = ranged(rows, page.order, page.ranges, page.limit, f"{rows.alias}.*")
        return f"{found}{_joins(page.order)}", order_by(page.order)
    [only] = page.ranges
    clauses = f"{where([*rows.where, *only.where])}{order_by(only.order)} limit {page.limit}"
    return joined_source(rows, page.order), clauses


def _joins(order: Iterable[Sorting], linked: Sequence[Rows] = ()) -> str:
    """Return the joins of linked records; where there must be one, a database may begin with these."""
    rows = {joined.alias: joined for key in order for joined in key.joins}
    return "".join(
        f" {'' if joined in linked else 'left '}join {source(joined)} on {' and '.join(joined.where)}"
        for joined in rows.values()
    )
