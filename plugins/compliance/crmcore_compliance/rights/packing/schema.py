"""The JSON Schema of a package: which fields records of each section have, what they mean, what kind of data they are."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from crmcore import Crm, kinds, subjects
from crmcore_compliance.rights.packing.gathering import camel

__all__ = ["schema_of"]

_TYPES: dict[str, dict[str, Any]] = {
    kinds.INT.name: {"type": "integer"},
    kinds.BIGINT.name: {"type": "integer"},
    kinds.FLOAT.name: {"type": "number"},
    kinds.BOOL.name: {"type": "boolean"},
    kinds.INSTANT.name: {"type": "string", "format": "date-time"},
    kinds.DATE.name: {"type": "string", "format": "date"},
    kinds.JSON.name: {},
}


def schema_of(crm: Crm, package: Mapping[str, Any]) -> dict[str, Any]:
    """Return the JSON Schema (2020-12) of a package."""
    sections = [_section(crm, section) for section in package["sections"]]
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "What is held of a person",
        "type": "object",
        "required": ["type", "request", "kind", "subject", "madeAt", "sections"],
        "properties": {
            "type": {"const": package["type"]},
            "sections": {"type": "array", "items": {"anyOf": sections} if sections else {}},
        },
    }


def _section(crm: Crm, section: Mapping[str, Any]) -> dict[str, Any]:
    name, entity = section["section"], crm.entities.get(section["section"])
    fields: dict[str, Any] = {}
    for column, said in entity.facts.items() if entity is not None else ():
        about = {"description": said.description, "x-category": subjects.category(said)}
        fields[camel(column)] = _TYPES.get(said.kind.name, {"type": "string"}) | {k: v for k, v in about.items() if v}
    return {
        "type": "object",
        "required": ["plugin", "section", "description", "records"],
        "properties": {
            "plugin": {"const": section["plugin"]},
            "section": {"const": name},
            "records": {"type": "array", "items": {"type": "object", "properties": fields}},
        },
    }
