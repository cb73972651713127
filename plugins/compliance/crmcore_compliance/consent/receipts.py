"""The receipt of a decision: what ISO/IEC TS 27560 has a person be given, as JSON-LD in the words of the W3C's DPV."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from crmcore import Row, Work, ids
from crmcore_compliance.keys.documents import signed
from crmcore_compliance.settings import ComplianceSettings
from crmcore_compliance.state import compliance_of

__all__ = ["CONFORMS_TO", "receipt"]

CONFORMS_TO: Final = "https://w3id.org/dpv/schema/dpv-27560#receipt-eu-gdpr"
_CONTEXT: Final = {
    "dct": "http://purl.org/dc/terms/",
    "dpv": "https://w3id.org/dpv#",
    "eu-gdpr": "https://w3id.org/dpv/legal/eu/gdpr#",
}
_STATUS: Final = {
    "REQUESTED": "dpv:ConsentRequested",
    "GIVEN": "dpv:ConsentGiven",
    "REFUSED": "dpv:ConsentRefused",
    "WITHDRAWN": "dpv:ConsentWithdrawn",
    "EXPIRED": "dpv:ConsentExpired",
    "INVALIDATED": "dpv:ConsentInvalidated",
    "TERMINATED": "dpv:ProcessTerminated",
    "OBJECTED": "dpv:RightExercised",
}
_BASIS: Final = {
    "CONSENT": "eu-gdpr:A6-1-a",
    "CONTRACT": "eu-gdpr:A6-1-b",
    "LEGAL_OBLIGATION": "eu-gdpr:A6-1-c",
    "VITAL_INTERESTS": "eu-gdpr:A6-1-d",
    "PUBLIC_TASK": "eu-gdpr:A6-1-e",
    "LEGITIMATE_INTERESTS": "eu-gdpr:A6-1-f",
}


async def receipt(work: Work, event: Row, settings: ComplianceSettings) -> dict[str, Any]:
    """Return the receipt of a recorded decision: who, to whom, about what, told what, when, and how to undo it.

    The person is named by the id of their record only, so that a receipt can be kept and passed on. It is signed once there
    are keys; a receipt makes none.
    """
    (purpose,) = await work.find("compliance_purpose", id=event["purpose_id"])
    notices = await work.find("compliance_notice", id=event["notice_id"]) if event["notice_id"] else []
    person = ids.encode("customer", event["customer_id"]) if event["customer_id"] else None
    body = {
        "@context": _CONTEXT,
        "@type": "dpv:ConsentReceipt",
        "dct:conformsTo": CONFORMS_TO,
        "schema_version": "ISO/IEC TS 27560:2023",
        "record_id": ids.encode("compliance_consent_event", event["id"]),
        "pii_principal_id": person,
        "pii_processing": [_processing(purpose, notices[0] if notices else None, settings, event)],
        "pii_information": [{"pii_type": category} for category in purpose["categories"] or ["user"]],
        "party_identification": [_controller(settings)],
        "event": _event(event, person),
    }
    keyring = compliance_of(work.database).keyring
    if keyring.keystore.exists:
        await keyring.ready()
    if keyring.is_new:
        return {**body, "signature": None}
    return await signed(work.database, body)


def _processing(purpose: Row, notice: Row | None, settings: ComplianceSettings, event: Row) -> Mapping[str, Any]:
    return {
        "privacy_notice": _notice(notice),
        "language": event["language"],
        "purpose": purpose["code"],
        "purpose_description": purpose["name"],
        "lawful_basis": _BASIS[purpose["lawful_basis"]],
        "pii_controllers": [settings.controller or None],
        "storage_locations": list(settings.storage_locations),
        "retention_period": purpose["retention"],
        "jurisdiction": event["jurisdiction"],
        "recipient_third_parties": purpose["recipients"],
        "geographic_restrictions": purpose["transfers"],
        "withdrawal_method": settings.withdrawal,
        "sensitive_pii": purpose["separate_consent"],
        "impact_assessment": purpose["assessment"],
    }


def _notice(notice: Row | None) -> Mapping[str, Any] | None:
    if notice is None:
        return None
    shown = ids.encode("compliance_notice", notice["id"])
    return {"id": shown, "edition": notice["edition"], "title": notice["title"], "sha256": notice["sha256"]}


def _controller(settings: ComplianceSettings) -> Mapping[str, Any]:
    return {
        "party_id": settings.tenant,
        "party_name": settings.controller,
        "party_address": settings.controller_address,
        "party_contact": settings.controller_contact,
        "party_type": "dpv:DataController",
    }


def _event(event: Row, person: str | None) -> Mapping[str, Any]:
    return {
        "event_time": event["occurred_at"].isoformat(),
        "validity_duration": event["valid_until"].isoformat() if event["valid_until"] else None,
        "entity_id": person,
        "decided_by": "guardian" if event["guardian"] else "data subject",
        "event_type": "dpv:ExplicitlyExpressedConsent" if event["separate"] else "dpv:ExpressedConsent",
        "event_state": _STATUS[event["kind"]],
        "channel": event["channel"],
    }
