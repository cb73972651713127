"""A page of a list, and what may only stand in it."""

from __future__ import annotations

from dataclasses import dataclass

from crmcore.graphql.planner.plan.objects import AnyOf, Obj
from crmcore.graphql.planner.plan.rows import Range, Rows, Sorting

__all__ = [
    "Cursor",
    "Edge",
    "Items",
    "Page",
    "Some",
]


@dataclass(frozen=True, slots=True)
class Cursor:
    """The current row's cursor; only inside `Items`."""


@dataclass(frozen=True, slots=True)
class Items:
    """The list of the page's rows, each shown as `value`; only inside `Page`."""

    value: Obj | AnyOf


@dataclass(frozen=True, slots=True)
class Edge:
    """The cursor of the page's first or last row; only inside `Page`."""

    first: bool


@dataclass(frozen=True, slots=True)
class Some:
    """Whether a condition holds for any of the page's rows; only inside `Page`."""

    condition: str


@dataclass(frozen=True, slots=True)
class Page:
    """An object about an ordered, limited part of some rows.

    Attributes:

        rows: the rows of the list.
        ranges: the parts of the list that the page is taken from, in the order in which they are counted.
        order: how the page is sorted.
        backwards: whether the limit counts from the end.
        limit: SQL for the number of rows.
        fingerprint: names the order in cursors.
        value: what is shown of the page.
    """

    rows: Rows
    ranges: tuple[Range, ...]
    order: tuple[Sorting, ...]
    backwards: bool
    limit: str
    fingerprint: str
    value: Obj
