"""What people decide is recorded for ever, with what it takes to show it; what could not be shown is refused."""

from __future__ import annotations

from datetime import timedelta
from hashlib import sha256
from typing import Any

import pytest
from people import decide, made_purpose, notice

from crmcore import actions, errors
from crmcore.testing import TestCrm

RECORD = """mutation ($customer: ID!, $purpose: ID!, $notice: ID, $kind: ComplianceConsentKind!, $separate: Boolean, $guardian: String) {
  complianceRecordConsent(customerId: $customer, purposeId: $purpose, noticeId: $notice, kind: $kind, channel: "web",
    separate: $separate, guardian: $guardian, proof: {screen: "signup-7"}, jurisdiction: "DE") {
    __typename ... on ComplianceConsentEvent { id kind noticeSha256 proof language separate validUntil }
    ... on Problem { code violations { path code } } } }"""
CONSENTS = """query ($id: ID!) { customer(id: $id) {
  complianceConsents { nodes { status since validUntil purpose { code } event { kind } } }
  complianceConsentEvents { nodes { kind previous { kind } } } } }"""


async def asked(crm: TestCrm, customer: Any, purpose: Any, kind: str = "GIVEN", **more: Any) -> dict[str, Any]:
    """Record a decision over the API, and return what came of it."""
    given = {"customer": customer.shown_id, "purpose": purpose.shown_id, "kind": kind, **more}
    answer = await crm.execute(RECORD, given)
    found: dict[str, Any] = answer["data"]["complianceRecordConsent"]
    return found


def codes(problem: dict[str, Any]) -> list[str]:
    """Return what is wrong."""
    return [violation["code"] for violation in problem["violations"]]


async def test_consent_is_recorded_with_its_proof(crm: TestCrm) -> None:
    """The hash of what they were told, where they saw it, in which language; it ends when the purpose says."""
    ada, mail, form = (
        await crm.make("customer", kind="PERSON"),
        await made_purpose(crm, "mail", needs="CONSENT", validity_days=365),
        await notice(crm),
    )
    found = await asked(crm, ada, mail, notice=form.shown_id)

    assert sha256(b"We write to you.").hexdigest() == found["noticeSha256"]
    assert ("GIVEN", {"screen": "signup-7"}, "en", False) == tuple(
        found[k] for k in ("kind", "proof", "language", "separate")
    )
    assert found["validUntil"] is not None


async def test_what_holds_now_follows_from_the_events(crm: TestCrm) -> None:
    """One line a purpose says what counts; every event stays and knows the one before it."""
    ada, mail = await crm.make("customer", kind="PERSON"), await made_purpose(crm, "mail", needs="CONSENT")
    for kind in ("REQUESTED", "GIVEN", "WITHDRAWN"):
        crm.clock.move(minutes=1)
        await decide(crm, ada, mail, kind)
    found = (await crm.execute(CONSENTS, {"id": ada.shown_id}))["data"]["customer"]

    assert [("WITHDRAWN", "mail")] == [
        (n["status"], n["purpose"]["code"]) for n in found["complianceConsents"]["nodes"]
    ]
    assert [("WITHDRAWN", "GIVEN"), ("GIVEN", "REQUESTED"), ("REQUESTED", None)] == [
        (n["kind"], (n["previous"] or {}).get("kind")) for n in found["complianceConsentEvents"]["nodes"]
    ]


async def test_an_older_decision_does_not_undo_a_later_one(crm: TestCrm) -> None:
    """A paper form that was found again is kept, and who withdrew meanwhile has withdrawn."""
    ada, mail = await crm.make("customer", kind="PERSON"), await made_purpose(crm, "mail", needs="CONSENT")
    form = await notice(crm)
    crm.clock.move(days=10)
    await decide(crm, ada, mail, "WITHDRAWN")
    earlier = crm.clock.now() - timedelta(days=5)
    await decide(crm, ada, mail, "GIVEN", occurred_at=earlier, notice_id=form["id"])
    found = (await crm.execute(CONSENTS, {"id": ada.shown_id}))["data"]["customer"]

    assert ["WITHDRAWN"] == [n["status"] for n in found["complianceConsents"]["nodes"]]
    assert 2 == len(found["complianceConsentEvents"]["nodes"])


async def test_consent_that_could_not_be_shown_is_refused(crm: TestCrm) -> None:
    """Without a notice, for a body of people, for what needs none, for what is retired."""
    ada, acme = await crm.make("customer", kind="PERSON"), await crm.make("customer", kind="ORGANIZATION")
    mail, bill = await made_purpose(crm, "mail", needs="CONSENT"), await made_purpose(crm, "bill", needs="CONTRACT")
    old = await made_purpose(crm, "old", needs="CONSENT", status="RETIRED")
    form = await notice(crm)

    assert ["REQUIRED"] == codes(await asked(crm, ada, mail))
    assert ["NOT_A_PERSON"] == codes(await asked(crm, acme, mail, notice=form.shown_id))
    assert ["NOT_BY_CONSENT"] == codes(await asked(crm, ada, bill, notice=form.shown_id))
    assert ["PURPOSE_RETIRED"] == codes(await asked(crm, ada, old, notice=form.shown_id))
    assert ["NOT_A_DECISION"] == codes(await asked(crm, ada, mail, kind="EXPIRED"))


async def test_separate_consent_is_not_had_in_a_bundle(crm: TestCrm) -> None:
    """PIPL 29, 39: sensitive data and transfer abroad need an act of their own."""
    ada, abroad = (
        await crm.make("customer", kind="PERSON"),
        await made_purpose(crm, "abroad", needs="CONTRACT", pipl_basis="CONSENT", separate_consent=True),
    )
    form = await notice(crm)

    assert ["SEPARATE_CONSENT"] == codes(await asked(crm, ada, abroad, notice=form.shown_id))
    assert "GIVEN" == (await asked(crm, ada, abroad, notice=form.shown_id, separate=True))["kind"]


async def test_a_guardian_decides_for_a_child(crm: TestCrm) -> None:
    """PIPL 31: under 14 a parent agrees; who is 14 today agrees for themselves."""
    today = crm.clock.now().date()
    born = today.replace(year=today.year - 14)
    child, teen = [
        await crm.make("customer", kind="PERSON", birth_date=day) for day in (born + timedelta(days=1), born)
    ]
    mail, form = await made_purpose(crm, "mail", needs="CONSENT", guardian_below=14), await notice(crm)

    assert ["GUARDIAN_REQUIRED"] == codes(await asked(crm, child, mail, notice=form.shown_id))
    assert "GIVEN" == (await asked(crm, child, mail, notice=form.shown_id, guardian="A parent"))["kind"]
    assert "GIVEN" == (await asked(crm, teen, mail, notice=form.shown_id))["kind"]


async def test_it_takes_a_permission_and_reach(crm: TestCrm) -> None:
    """Who may only read customers records nothing about them."""
    ada, mail = await crm.make("customer", kind="PERSON"), await made_purpose(crm, "mail", needs="CONSENT")
    given = {"customer": ada.shown_id, "purpose": mail.shown_id, "kind": "WITHDRAWN"}
    answer = await crm.execute(RECORD, given, as_="viewer")

    assert "FORBIDDEN" == answer["data"]["complianceRecordConsent"]["code"]


async def test_events_and_notices_are_never_changed(crm: TestCrm) -> None:
    """There is no mutation for events; a notice is followed by another edition of itself."""
    first, second = await notice(crm), await notice(crm)
    mutations = set(crm.schema.graphql.mutation_type.fields)
    with pytest.raises(errors.Refusal):
        await crm.run(await crm.actor(None), lambda work: _update(work, first))

    assert (1, 2) == (first["edition"], second["edition"])
    assert set() == {
        name
        for name in mutations
        if "ComplianceConsentEvent" in name or name in ("updateComplianceNotice", "deleteComplianceNotice")
    }


async def test_what_expired_is_written_down_once(crm: TestCrm) -> None:
    """The schedule records it at the instant it ended; a second run finds nothing."""
    ada, mail = (
        await crm.make("customer", kind="PERSON"),
        await made_purpose(crm, "mail", needs="CONSENT", validity_days=1),
    )
    await decide(crm, ada, mail, "GIVEN")
    for _ in range(2):
        crm.clock.move(days=1, hours=1)
        await crm.work_off()
    found = (await crm.execute(CONSENTS, {"id": ada.shown_id}))["data"]["customer"]

    assert ["EXPIRED"] == [n["status"] for n in found["complianceConsents"]["nodes"]]
    assert ["EXPIRED", "GIVEN"] == [n["kind"] for n in found["complianceConsentEvents"]["nodes"]]


async def test_global_privacy_control_is_an_objection(crm: TestCrm) -> None:
    """To every purpose that says so, once."""
    ada, sale, mail = (
        await crm.make("customer", kind="PERSON"),
        await made_purpose(crm, "sale", needs="LEGITIMATE_INTERESTS", opt_out_by_gpc=True),
        await made_purpose(crm, "mail", needs="CONSENT"),
    )
    text = 'mutation ($id: ID!) { complianceRecordSignals(customerId: $id, channel: "web", gpc: true, tcf: "CO…") { ... on ComplianceSignalled { objections } } }'
    counts = [
        (await crm.execute(text, {"id": ada.shown_id}))["data"]["complianceRecordSignals"]["objections"]
        for _ in range(2)
    ]
    found = (await crm.execute(CONSENTS, {"id": ada.shown_id}))["data"]["customer"]["complianceConsents"]["nodes"]

    assert ([1, 0], [("OBJECTED", "sale")]) == (counts, [(n["status"], n["purpose"]["code"]) for n in found])
    assert (True, False) == (mail["needs_consent"], sale["needs_consent"])


async def test_who_is_destroyed_leaves_the_proof_and_no_trace(crm: TestCrm) -> None:
    """The event stays as evidence that somebody agreed, and leads to nobody."""
    ada, mail = await crm.make("customer", kind="PERSON"), await made_purpose(crm, "mail", needs="CONSENT")
    await decide(crm, ada, mail, "GIVEN")
    await crm.execute("mutation ($id: ID!) { deleteCustomer(id: $id) { __typename } }", {"id": ada.shown_id})
    await crm.execute("mutation ($id: ID!) { destroyCustomer(id: $id) { __typename } }", {"id": ada.shown_id})
    left = await crm.database.fetch("select customer_id from compliance_consent_event")

    assert [(None,)] == [tuple(row) for row in left]
    assert 0 == await crm.database.fetch_value("select count(*) from compliance_consent")


async def _update(work: Any, row: Any) -> None:
    await actions.update(work, "compliance_notice", row["id"], {"title": "Another"})
