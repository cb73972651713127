"""Figures of many rows, whole or in groups."""

from __future__ import annotations

from dataclasses import dataclass

from crmcore.graphql.planner.plan.objects import Obj
from crmcore.graphql.planner.plan.rows import Rows, Sorting

__all__ = [
    "Each",
    "Groups",
    "Scan",
    "Totals",
]


@dataclass(frozen=True, slots=True)
class Scan:
    """One look at the rows of `Totals`.

    Attributes:

        unit: SQL that parts the rows, the currency of amounts; None if all rows are one part.
        parts: the aggregate calls, of every scan the same ones, without effect where they are not this scan's.
    """

    unit: str | None
    parts: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Totals:
    """An object about all of some rows, or of a part of them.

    Attributes:

        rows: the rows.
        scans: what is counted and added up of them.
        alias: under which the parts are known as `p0`, `p1` and so on, their unit as `u`, their keys as `k0`, `k1` and so on.
        value: the object; its SQL puts the parts together by aggregate functions.
        keys: SQL by which the rows are grouped.
        joins: rows beside each row, at most one of each, which keys are taken from.
    """

    rows: Rows
    scans: tuple[Scan, ...]
    alias: str
    value: Obj
    keys: tuple[str, ...] = ()
    joins: tuple[Rows, ...] = ()


@dataclass(frozen=True, slots=True)
class Each:
    """The list of those parts that meet a condition, each shown as `value`, by their units; only inside `Totals`."""

    condition: str
    unit: str
    value: Obj


@dataclass(frozen=True, slots=True)
class Groups:
    """The list of the objects of all groups.

    Attributes:

        totals: the groups' keys and figures.
        having: conditions on a group.
        order: how the groups are sorted.
        limit: SQL for their number.
    """

    totals: Totals
    having: tuple[str, ...]
    order: tuple[Sorting, ...]
    limit: str
