"""The breach register: its clock, its warnings, and whom a breach touches."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from crmcore_compliance.audit import AccessLog, sequence_all
from crmcore_compliance.audit.evidence import evidence
from crmcore_compliance.audit.offline import Heads, verify_proof
from crmcore_compliance.state import compliance_of

from crmcore import Actor, ActorType, errors, sealing
from crmcore.testing import TestCrm

MONDAY = datetime(2026, 3, 2, 9, tzinfo=UTC)
TOUCHED = """query ($id: ID!, $after: ID, $first: Int!) {
    complianceBreachSubjects(id: $id, after: $after, first: $first) { count subjects { customerId looks fields } }
}"""


async def breach(crm: TestCrm, **more: Any) -> Any:
    """Report one."""
    values = {"title": "A laptop was stolen", "nature": "It was not locked.", "detected_at": MONDAY, **more}
    return await crm.make("compliance_breach", **values)


async def test_the_clock_is_72_hours(crm: TestCrm) -> None:
    """From when it became known, and again when that is corrected."""
    crm.clock.set(MONDAY + timedelta(days=1))
    found = await breach(crm)

    assert MONDAY + timedelta(hours=72) == found["due_at"]


@pytest.mark.parametrize(
    ("more", "code"),
    [
        ({"detected_at": MONDAY + timedelta(days=9)}, "IN_THE_FUTURE"),
        ({"authority_notified_at": MONDAY + timedelta(hours=73)}, "REQUIRED"),
        ({"began_at": MONDAY, "ended_at": MONDAY - timedelta(hours=1)}, "OUT_OF_RANGE"),
    ],
)
async def test_what_cannot_be_is_refused(crm: TestCrm, more: dict[str, Any], code: str) -> None:
    """The future, lateness without a reason, an end before the beginning."""
    crm.clock.set(MONDAY + timedelta(days=5))
    with pytest.raises(errors.Invalid) as refused:
        await breach(crm, **more)

    assert [code] == [one.code for one in refused.value.violations]


async def test_the_authority_may_be_told_late_for_a_reason(crm: TestCrm) -> None:
    """Article 33 (1)."""
    crm.clock.set(MONDAY + timedelta(days=5))
    late = {"authority_notified_at": MONDAY + timedelta(hours=73), "delay_reason": "The office had burnt down."}

    assert "The office had burnt down." == (await breach(crm, **late))["delay_reason"]


async def test_it_is_said_when_the_clock_runs_out(crm: TestCrm) -> None:
    """Once a day before, and once when it has; not for those of which the authority knows."""
    crm.clock.set(MONDAY)
    await breach(crm)
    await breach(crm, authority_notified_at=MONDAY)
    told = []
    for hours in (1, 48, 1, 24, 1):
        crm.clock.move(hours=hours)
        await crm.work_off()
        told.append([event.overdue for event in await crm.happened("compliance_breach.due")])

    assert [[], [False], [False], [False, True], [False, True]] == told


async def looked(crm: TestCrm, actor: str, subjects: list[UUID], field: str = "birth_date") -> None:
    """Somebody looks at sensitive data."""
    who = sealing.Reading(Actor(ActorType.USER, actor, "Eve"))
    await compliance_of(crm)[AccessLog].accessed(who, "customer", {field: [(one, one) for one in subjects]})


async def test_whom_it_touches_is_computed(crm: TestCrm) -> None:
    """Whose data was looked at in its time, by the account that was used; in pages."""
    ours, others = sorted(uuid4() for _ in range(3)), [uuid4()]
    crm.clock.set(MONDAY)
    await looked(crm, "user_eve", others)
    crm.clock.move(hours=1)
    await looked(crm, "user_eve", ours)
    await looked(crm, "user_eve", ours[:1], "family_name")
    await looked(crm, "user_bob", others)
    crm.clock.move(hours=2)
    await looked(crm, "user_eve", others)
    crm.clock.move(days=1)
    found = await breach(
        crm, began_at=MONDAY + timedelta(minutes=30), ended_at=MONDAY + timedelta(hours=2), actor_id="user_eve"
    )

    async def page(after: str | None) -> dict[str, Any]:
        answer = await crm.execute(TOUCHED, {"id": found.shown_id, "after": after, "first": 2})
        data: dict[str, Any] = answer["data"]["complianceBreachSubjects"]
        return data

    first = await page(None)
    second = await page(first["subjects"][-1]["customerId"])
    assert (3, 3) == (first["count"], second["count"])
    assert [f"customer_{one}" for one in ours] == [one["customerId"] for one in first["subjects"] + second["subjects"]]
    assert {
        "customerId": f"customer_{ours[0]}",
        "looks": 2,
        "fields": ["customer.birthDate", "customer.familyName"],
    } == (first["subjects"][0])


async def test_without_an_account_it_touches_all(crm: TestCrm) -> None:
    """Whoever looked in its time; until now, if it has not ended."""
    crm.clock.set(MONDAY)
    await looked(crm, "user_eve", [uuid4()])
    await looked(crm, "user_bob", [uuid4()])
    crm.clock.move(days=1)
    found = await breach(crm, began_at=MONDAY - timedelta(hours=1))
    answer = await crm.execute(TOUCHED, {"id": found.shown_id, "after": None, "first": 10})

    assert 2 == answer["data"]["complianceBreachSubjects"]["count"]


async def test_it_has_to_say_when_it_began(crm: TestCrm) -> None:
    """Else nobody can tell what was looked at since; and it is for those with the permission."""
    crm.clock.set(MONDAY + timedelta(days=1))
    found = await breach(crm)
    asked = {"id": found.shown_id, "after": None, "first": 10}
    answers = [
        await crm.execute(TOUCHED, asked),
        await crm.execute(TOUCHED, {**asked, "first": 0}),
        await crm.execute(TOUCHED, asked, as_="sales"),
    ]

    assert ["VALIDATION", "VALIDATION", "FORBIDDEN"] == [
        answer["errors"][0]["extensions"]["code"] for answer in answers
    ]


async def test_it_is_part_of_the_evidence(crm: TestCrm) -> None:
    """With the heads of the log, and the proof that they follow from each other."""
    crm.clock.set(MONDAY)
    await breach(crm)
    first = await evidence(crm)
    for _ in range(2):
        await crm.make("customer")
        await sequence_all(crm)
    found = await evidence(crm)

    assert ["audit/breaches.jsonl"] == list(first)
    assert "A laptop was stolen" in found["audit/breaches.jsonl"].decode()
    assert 2 == len(found["audit/heads.jsonl"].splitlines())
    assert "is the beginning" in verify_proof(json.loads(found["audit/consistency.json"]), Heads())
