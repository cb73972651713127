"""A receipt has every field that ISO/IEC TS 27560 makes mandatory, and names the person by an id only."""

from __future__ import annotations

import json

import pytest
from crmcore_compliance.keys.documents import is_signed
from crmcore_compliance.state import compliance_of
from people import decide, made_purpose

from crmcore import ids
from crmcore.testing import TestCrm

#: Fields that are mandatory by the table of the W3C's guide to the standard (DPV 2), in the parts of a receipt.
MANDATORY = {
    "": {
        "schema_version",
        "record_id",
        "pii_principal_id",
        "pii_processing",
        "pii_information",
        "party_identification",
        "event",
    },
    "pii_processing": {
        "privacy_notice",
        "language",
        "purpose",
        "pii_controllers",
        "storage_locations",
        "retention_period",
        "jurisdiction",
        "recipient_third_parties",
        "withdrawal_method",
        "lawful_basis",
    },
    "party_identification": {"party_id", "party_name", "party_address", "party_contact", "party_type"},
    "event": {"event_time", "validity_duration", "entity_id", "event_type", "event_state"},
}
READ = "query ($id: ID!) { complianceConsentReceipt(id: $id) }"


@pytest.fixture
def compliance_settings() -> dict[str, object]:
    """Who answers for it all."""
    return {"controller": "Acme GmbH", "controller_address": "Ringstr. 1", "storage_locations": ["Frankfurt, DE"]}


async def test_a_receipt_is_whole_and_names_nobody(crm: TestCrm) -> None:
    """All mandatory fields are there and filled in; no name of the person is."""
    ada = await crm.make("customer", kind="PERSON", given_name="Adelheid", family_name="Zuckmayer")
    mail = await made_purpose(
        crm, "mail", needs="CONSENT", retention="P3Y", recipients=["Postal Ltd"], validity_days=10
    )
    event = await decide(crm, ada, mail, "GIVEN", jurisdiction="DE")
    shown = ids.encode("compliance_consent_event", event["id"])
    receipt = (await crm.execute(READ, {"id": shown}))["data"]["complianceConsentReceipt"]

    assert set() == MANDATORY[""] - receipt.keys()
    for part in ("pii_processing", "party_identification", "event"):
        one = receipt[part][0] if isinstance(receipt[part], list) else receipt[part]
        assert set() == {
            name for name in MANDATORY[part] if one.get(name) in (None, [], {}) and name != "party_contact"
        }
    assert "https://w3id.org/dpv/schema/dpv-27560#receipt-eu-gdpr" == receipt["dct:conformsTo"]
    assert (ada.shown_id, "Acme GmbH") == (
        receipt["pii_principal_id"],
        receipt["party_identification"][0]["party_name"],
    )
    assert not any(name in json.dumps(receipt) for name in ("Adelheid", "Zuckmayer"))


async def test_a_receipt_follows_the_person_it_is_about(crm: TestCrm) -> None:
    """Who may not see them gets none."""
    ada, mail = await crm.make("customer", kind="PERSON"), await made_purpose(crm, "mail", needs="CONSENT")
    event = await decide(crm, ada, mail, "GIVEN")
    answer = await crm.execute(READ, {"id": ids.encode("compliance_consent_event", event["id"])}, as_="sales")

    assert "NOT_FOUND" == answer["errors"][0]["extensions"]["code"]


async def test_a_receipt_is_signed_once_there_are_keys(crm: TestCrm) -> None:
    """Before that it makes none; afterwards nobody can alter it unnoticed."""
    ada, mail = await crm.make("customer", kind="PERSON"), await made_purpose(crm, "mail", needs="CONSENT")
    event = await decide(crm, ada, mail, "GIVEN")
    asked = {"id": ids.encode("compliance_consent_event", event["id"])}
    before = (await crm.execute(READ, asked))["data"]["complianceConsentReceipt"]
    was_new = compliance_of(crm).keyring.is_new
    await compliance_of(crm).keyring.begin()
    receipt = (await crm.execute(READ, asked))["data"]["complianceConsentReceipt"]

    assert (True, None) == (was_new, before["signature"])
    assert is_signed(receipt)
    assert not is_signed({**receipt, "pii_principal_id": "customer_other"})
