"""The parts of totals as one select, and how they are grouped: the same on every database."""

from __future__ import annotations

from crmcore.graphql.planner.dialect import order_by, source, where
from crmcore.graphql.planner.plan import Groups, Scan, Totals

__all__ = ["grouped", "partials"]


def partials(totals: Totals) -> str:
    """Return a select with a row for each part of each scan: keys `k0`, `k1` and so on, unit `u`, parts `p0`, `p1` and so on."""
    by_unit = any(scan.unit is not None for scan in totals.scans)
    return " union all ".join(_scan(totals, scan, by_unit=by_unit) for scan in totals.scans)


def grouped(groups: Groups) -> str:
    """Return what follows the from clause of a select that has a row for each group."""
    alias, keys = groups.totals.alias, range(len(groups.totals.keys))
    having = f" having {' and '.join(groups.having)}" if groups.having else ""
    return (
        f" group by {', '.join(f'{alias}.k{key}' for key in keys)}{having}{order_by(groups.order)} limit {groups.limit}"
    )


def _scan(totals: Totals, scan: Scan, *, by_unit: bool) -> str:
    keys = [f"{sql} as k{position}" for position, sql in enumerate(totals.keys)]
    unit = [f"{scan.unit or 'null'} as u"] if by_unit else []
    columns = [*keys, *unit, *(f"{call} as p{position}" for position, call in enumerate(scan.parts))]
    places = range(1, len(keys) + (scan.unit is not None) + 1)
    group = f" group by {', '.join(map(str, places))}" if places else ""
    joins = "".join(f" left join {source(rows)} on {' and '.join(rows.where)}" for rows in totals.joins)
    return f"select {', '.join(columns)} from {source(totals.rows)}{joins}{where(totals.rows.where)}{group}"
