"""Figures from totals that triggers keep, where a list asks for nothing that those do not know."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from crmcore.database.schema import Totals, declared_totals
from crmcore.entities.entity import Entity
from crmcore.graphql.planner.plan import Rows, Scan

__all__ = ["count", "kept"]


def kept(
    entity: Entity, rows: Rows, scans: Sequence[Scan], also: Sequence[str] = ()
) -> tuple[Rows, tuple[Scan, ...]] | None:
    """Return rows of totals that stand for rows of an entity, and what scans ask of them; None if there are none such.

    The answer is the same: every condition on the rows, and `also` what they are grouped by, names only columns that the
    totals are kept by. A group may stand there whose rows are all gone.
    """
    for totals in declared_totals(entity.table):
        instead = _rows(entity, rows, totals)
        asked = [_scan(scan, rows.alias, totals) for scan in scans]
        named = {column for sql in also for column in _columns(sql, rows.alias)}
        if instead is not None and all(asked) and named <= set(totals.by):
            return instead, tuple(scan for scan in asked if scan is not None)
    return None


def count(entity: Entity, rows: Rows) -> tuple[str, Rows]:
    """Return what counts rows, and the rows it is to be asked of."""
    found = kept(entity, rows, (Scan(None, ("count(*)",)),))
    if found is None:
        return "count(*)", rows
    instead, (scan,) = found
    return f"coalesce({scan.parts[0]}, 0)", instead


def _rows(entity: Entity, rows: Rows, totals: Totals) -> Rows | None:
    alive = f"{rows.alias}.deleted_at is null"
    if entity.soft_delete and alive not in rows.where:
        return None
    others = tuple(condition for condition in rows.where if condition != alive)
    named = {column for condition in others for column in _columns(condition, rows.alias)}
    return Rows(totals.table, rows.alias, others) if named <= set(totals.by) else None


def _scan(scan: Scan, alias: str, totals: Totals) -> Scan | None:
    if scan.unit is not None and scan.unit.removeprefix(f"{alias}.") not in totals.by:
        return None
    parts = [_part(part, alias, totals) for part in scan.parts]
    return replace(scan, parts=tuple(map(str, parts))) if all(parts) else None


def _part(part: str, alias: str, totals: Totals) -> str | None:
    """Return the call that gives of totals what `part` gives of rows: sums stay what they are."""
    call, *without = part.split(" filter ")
    if call == "count(*)":
        return " filter ".join([f'sum({alias}."rows")', *without])
    if (found := re.fullmatch(rf"count\({alias}\.(\w+)\)", call)) and found[1] in totals.sums:
        return " filter ".join([f'sum({alias}."{found[1]}_count")', *without])
    named = _columns(call, alias)
    return part if call.startswith("sum(") and named and named <= set(totals.sums) else None


def _columns(sql: str, alias: str) -> set[str]:
    """Return the columns of an alias that are named; the empty name where the alias stands alone."""
    return set(re.findall(rf'\b{alias}\b(?:\."?(\w+))?', sql))
