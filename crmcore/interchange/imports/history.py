"""Which steps of a deal's history a row tells of."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

from crmcore.entities.store import Row
from crmcore.errors import Invalid
from crmcore.interchange.imports.current import Current
from crmcore.interchange.imports.fields import Fields
from crmcore.interchange.imports.links import Links
from crmcore.interchange.imports.mapping import Source
from crmcore.interchange.imports.moves import Step
from crmcore.interchange.imports.plan import MovePlan, RecordPlan
from crmcore.interchange.imports.sources import Refused, Sources
from crmcore.interchange.imports.text import as_instant, parse_date

__all__ = ["holds", "steps"]


async def steps(
    sources: Sources, links: Links, fields: Fields, current: Current, plan: RecordPlan, deal: Row
) -> list[Step]:
    """Return the steps a row tells of, in the mapping's order.

    Args:

        sources, links, fields: of the import.
        current: the row.
        plan: of the deal.
        deal: its columns, for its pipeline.

    Raises:

        Invalid: a cell of a step does not say what its source expects.
    """
    found = []
    for move in plan.moves:
        if not holds(move.move.when, current.row):
            continue
        at = None if move.at is None else _at(sources, current, move.at)
        if move.at is None or at is not None:
            found.append(await _step(links, fields, current, move, at, deal))
    return found


async def _step(links: Links, fields: Fields, current: Current, plan: MovePlan, at: datetime | None, deal: Row) -> Step:
    equals = {"pipeline_id": deal.get("pipeline_id"), "name": plan.move.stage}
    try:
        stage = await links.find(current.work, current.work.entities["stage"], equals, None, plan.move.stage)
    except Refused as refused:
        raise Invalid.at("moves", refused.code, f"moves: {refused}") from refused
    return Step(stage.id, at, {**plan.constants, **await fields.columns(current, plan.fields)})


def holds(when: dict[str, str | list[str]], row: Any) -> bool:
    """Say whether each column holds the text, or one of the texts, that a mapping asks for."""
    for column, wanted in when.items():
        value = row.get(column)
        held = "" if value is None else str(value).strip()
        if held not in ([wanted] if isinstance(wanted, str) else wanted):
            return False
    return True


def _at(sources: Sources, current: Current, source: Source) -> datetime | None:
    try:
        value = sources.value(source, current.row)
        if isinstance(value, str):
            value = parse_date(value, None, source.pivot)
    except ValueError as problem:
        raise Invalid.at("moves", "MALFORMED", f"moves: {problem}") from problem
    return as_instant(value, source.zone).astimezone(UTC) if isinstance(value, date) else None
