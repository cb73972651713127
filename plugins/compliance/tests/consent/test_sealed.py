"""Consent works whatever is sealed: names of guardians and proofs are ciphertext, and decisions count as ever."""

from __future__ import annotations

from datetime import timedelta

import pytest
from crmcore_compliance.consent import lawful
from people import decide, made_purpose, notice

from crmcore import errors
from crmcore.testing import TestCrm


@pytest.fixture(scope="module")
def sealed() -> tuple[str, ...]:
    """The birthday that is asked for, and what is recorded of people."""
    return ("customer.birth_date", "complianceConsentEvent.guardian", "complianceConsentEvent.proof")


async def test_a_sealed_birthday_is_asked_for_all_the_same(crm: TestCrm) -> None:
    """A child's guardian is asked for, and kept as ciphertext with the proof."""
    today = crm.clock.now().date()
    child = await crm.make("customer", kind="PERSON", birth_date=today - timedelta(days=3650))
    mail, form = await made_purpose(crm, "mail", needs="CONSENT", guardian_below=14), await notice(crm)
    with pytest.raises(errors.Invalid) as refused:
        await decide(crm, child, mail, "GIVEN", notice_id=form["id"])
    event = await decide(crm, child, mail, "GIVEN", notice_id=form["id"], guardian="A parent", proof={"screen": "s7"})
    ((guardian, proof),) = await crm.database.fetch("select guardian, proof from compliance_consent_event")

    assert ["GUARDIAN_REQUIRED"] == [violation.code for violation in refused.value.violations]
    assert ("A parent", {"screen": "s7"}) == (event["guardian"], event["proof"])
    assert guardian.startswith("crm1:")
    assert str(proof).strip('"').startswith("crm1:")
    assert {child["id"]} == await lawful(crm.database, "mail", [child["id"]])
