"""Gathering all that is held of a person: records of every entity, and what plugins add."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from enum import Enum
from typing import Any
from uuid import UUID

from crmcore import Crm, Entity, clock, ids, instants, subjects

__all__ = ["camel", "gathered"]

#: Columns that are about colleagues and the machine.
_INNER = frozenset({"created_by", "updated_by", "owner_id", "team_id", "version"})


async def gathered(crm: Crm, customer_id: UUID, request: Mapping[str, Any]) -> dict[str, Any]:
    """Return all that is held of a customer, as JSON has it."""
    subject = await subjects.subject_of(crm.database, customer_id, request_id=str(request["id"]))
    found = await subjects.records_of(crm.database, crm.entities, subject)
    sections = []
    for name, records in found.items():
        entity = crm.entities[name]
        rows = [_shown(entity, row) async for row in subjects.rows_of(crm.database, entity, records)]
        sections.append({"plugin": entity.plugin, "section": name, "description": entity.description, "records": rows})
    for plugin, more in await crm.plugins.subject_export(crm, subject):
        said = {"plugin": plugin, "section": more.section, "description": more.description}
        sections.append({**said, "records": [_plain(record) for record in more.records]})
    return {
        "type": "crmcore-compliance/package/1",
        "request": ids.encode("compliance_request", request["id"]),
        "kind": request["kind"],
        "subject": ids.encode("customer", customer_id),
        "madeAt": instants.wire(clock.now()),
        "sections": sections,
    }


def _shown(entity: Entity, row: Mapping[str, Any]) -> dict[str, Any]:
    shown: dict[str, Any] = {}
    for column, value in row.items():
        if column not in _INNER and value is not None and column in entity.facts:
            target = entity.name if column == "id" else entity.facts[column].target
            if target == "*":
                target = row[f"{column.removesuffix('_id')}_type"]
            shown[camel(column)] = ids.encode(target, value) if target and isinstance(value, UUID) else _plain(value)
    return shown


def camel(column: str) -> str:
    """Write `given_name` as `givenName`."""
    head, *tail = column.split("_")
    return head + "".join(word.capitalize() for word in tail)


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {str(name): _plain(one) for name, one in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(one) for one in value]
    if isinstance(value, Enum):
        return value.name
    if isinstance(value, datetime):
        return instants.wire(value)
    return value.isoformat() if isinstance(value, date) else str(value) if isinstance(value, UUID) else value
