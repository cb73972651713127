"""The record of processing activities (GDPR 30, PIPL 55 and 56) as it follows from the purposes and the live schema.

Nobody keeps it by hand: what a plugin adds to the schema is in it from the next start on, under every purpose whose
categories it falls into, and what no purpose covers stands in a list of its own.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from crmcore import Crm
from crmcore_compliance.consent.codes import within
from crmcore_compliance.register.classified import Classified, classified
from crmcore_compliance.settings import ComplianceSettings

__all__ = ["record_of_processing"]

_PURPOSES = """
    select code, name, description, status, lawful_basis, pipl_basis, legal_text, categories, subjects, recipients,
        transfers, retention, separate_consent, guardian_below, assessment
    from compliance_purpose where deleted_at is null order by code
"""
_LISTS = ("categories", "subjects", "recipients", "transfers")


async def record_of_processing(crm: Crm) -> dict[str, Any]:
    """Return the record; the same schema and purposes always give the same."""
    settings = crm.settings[ComplianceSettings]
    fields = [one for one in classified(crm.entities) if one.category is not None]
    purposes = [_read(row) for row in await crm.database.fetch_dicts(_PURPOSES)]
    activities = [_activity(purpose, fields) for purpose in purposes if purpose["status"] != "DRAFT"]
    covered = {name for activity in activities for name in activity["fields"]}
    return {
        "controller": {
            "name": settings.controller,
            "address": settings.controller_address,
            "contact": settings.controller_contact,
            "data_protection_officer": settings.privacy_officer,
        },
        "activities": activities,
        "without_purpose": sorted(one.name for one in fields if one.name not in covered),
        "unclassified": sorted(one.name for one in classified(crm.entities) if one.missing),
        "security": _security(crm, settings, fields),
    }


def _read(row: Mapping[str, Any]) -> dict[str, Any]:
    return {**row, **{name: row[name] if isinstance(row[name], list) else json.loads(row[name]) for name in _LISTS}}


def _activity(purpose: Mapping[str, Any], fields: Sequence[Classified]) -> dict[str, Any]:
    used = [one for one in fields if _uses(purpose, one)]
    return {
        "purpose": purpose["code"],
        "name": purpose["name"],
        "description": purpose["description"],
        "status": purpose["status"],
        "lawful_basis": purpose["lawful_basis"],
        "pipl_basis": purpose["pipl_basis"],
        "reasons": purpose["legal_text"],
        "subjects": purpose["subjects"],
        "categories": sorted({one.category for one in used if one.category}),
        "fields": {one.name: one.category for one in used},
        "plugins": sorted({one.plugin for one in used}),
        "special": sorted({one.category for one in used if one.category and one.sensitivity == 3}),
        "recipients": purpose["recipients"],
        "transfers": purpose["transfers"],
        "retention": purpose["retention"],
        "separate_consent": bool(purpose["separate_consent"]),
        "guardian_below": purpose["guardian_below"],
        "assessment": purpose["assessment"],
    }


def _uses(purpose: Mapping[str, Any], field: Classified) -> bool:
    if field.purposes:
        return purpose["code"] in field.purposes
    return field.category is not None and (not purpose["categories"] or within(field.category, purpose["categories"]))


def _security(crm: Crm, settings: ComplianceSettings, fields: Iterable[Classified]) -> dict[str, Any]:
    return {
        "sealed_fields": sorted(one.name for one in fields if one.sealed),
        "sensitive_fields_in_plain": sorted(one.name for one in fields if one.sensitivity == 3 and not one.sealed),
        "key_service": settings.kms.partition("://")[0],
        "database": crm.database.dialect,
        "storage_locations": list(settings.storage_locations),
    }
