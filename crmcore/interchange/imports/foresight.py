"""Read at once what the rows of a lot are going to ask for: records by their keys, and records that cells name."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from crmcore.entities.entity import Entity
from crmcore.entities.lot import Lot
from crmcore.entities.store import Row
from crmcore.errors import Invalid
from crmcore.interchange.imports.links import cleaned
from crmcore.interchange.imports.plan import FieldPlan, Plan, RecordPlan
from crmcore.interchange.imports.sources import Refused, Sources
from crmcore.interchange.imports.values import as_columns

__all__ = ["foresee"]


async def foresee(lot: Lot, sources: Sources, plan: Plan, rows: Sequence[Mapping[str, Any]]) -> None:
    """Read what rows are going to ask for, as far as their cells alone tell; the rest is asked for when it comes.

    Args:

        lot: keeps the answers.
        sources: of the import.
        plan: what is done with a row.
        rows: values by column.
    """
    for record in plan.records:
        if record.record.external is not None and record.external is not None:
            ids = [_text(sources, record.external, row) for row in rows]
            await _by_external_id(lot, record.entity, record.record.external.system, ids)
        elif (parts := _key(record)) is not None:
            await _by_columns(lot, record.entity, [_columns(sources, record, parts, row) for row in rows])
        for field in record.fields:
            await _named(lot, sources, field, rows)


async def _named(lot: Lot, sources: Sources, field: FieldPlan, rows: Sequence[Mapping[str, Any]]) -> None:
    if field.target is None or field.within or lot.work.reach(field.target, "read") is not None:
        return
    if field.source.system is not None:
        ids = [_text(sources, field.source, row) for row in rows]
        await _by_external_id(lot, field.target, field.source.system, ids)
    elif field.by is not None:
        wanted = FieldPlan(field.path, field.by, field.source)
        await _by_columns(lot, field.target, [_value(sources, field.target, [wanted], row) for row in rows])


async def _by_external_id(lot: Lot, entity: Entity, system: str, ids: Iterable[str | None]) -> None:
    external = lot.work.entities["external_id"]
    wanted = [{"external_id": id, "record_type": entity.name, "system": system} for id in ids if id is not None]
    found = await _by_columns(lot, external, wanted)
    await _by_columns(lot, entity, [{"id": row["record_id"]} for row in found])


async def _by_columns(lot: Lot, entity: Entity, wanted: Iterable[Row | None]) -> list[Row]:
    said = [row for row in wanted if row and all(value is not None for value in row.values())]
    if not said:
        return []
    columns = tuple(sorted(said[0]))
    try:
        return await lot.foresee(entity, columns, [tuple([row[c] for c in columns]) for row in said])
    except Invalid:
        return []  # a sealed column that cannot be looked up so: each row will say so


def _key(record: RecordPlan) -> list[FieldPlan] | None:
    """Return the fields of a record's key, None if one of them names another record."""
    parts = [field for field in record.fields if field.field is not None and field.field.column in record.key]
    return None if any(part.target is not None or part.source.record is not None for part in parts) else parts


def _columns(sources: Sources, record: RecordPlan, parts: Sequence[FieldPlan], row: Mapping[str, Any]) -> Row | None:
    found = _value(sources, record.entity, parts, row)
    if found is None:
        return None
    found = {**{column: record.constants[column] for column in record.key if column in record.constants}, **found}
    return found if found.keys() == set(record.key) else None


def _value(sources: Sources, entity: Entity, parts: Sequence[FieldPlan], row: Mapping[str, Any]) -> Row | None:
    found: Row = {}
    try:
        for part in parts:
            value = sources.value(part.source, row)
            if value is None or part.field is None:
                return None
            found |= as_columns(part.field, value, part.source, row)
        return cleaned(entity, found)
    except Refused:
        return None  # the row will say so


def _text(sources: Sources, source: Any, row: Mapping[str, Any]) -> str | None:
    try:
        value = sources.value(source, row)
    except Refused:
        return None
    return None if value is None else str(value)
