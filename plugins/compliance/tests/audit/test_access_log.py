"""Who looks at sensitive data is noted before they see it; values in full are shown for a reason; lures raise alarms."""

from __future__ import annotations

import asyncio
import json
from collections import Counter
from typing import Any
from uuid import uuid4

import pytest
from crmcore_compliance.audit import AccessLog, sequence_all
from crmcore_compliance.audit.verifying import problems
from crmcore_compliance.state import compliance_of

from crmcore import Actor, ActorType, Scope, Work, actions, sealing
from crmcore.access.actor import Access, Effect
from crmcore.graphql.planner.sealed import batch
from crmcore.testing import TestCrm

SEE = "{ customers { nodes { taxId } } }"
REVEAL = """mutation ($id: ID!, $field: String!, $reason: String!) {
    complianceReveal(id: $id, field: $field, reason: $reason, purpose: "support") { value accessId }
}"""
LOOKS = """query ($id: ID!) {
    complianceLooks(customerId: $id) { actorId recordId field outcome purpose }
}"""


@pytest.fixture(scope="module")
def sealed() -> tuple[str, ...]:
    """One sensitive field and one that is not."""
    return ("customer.taxId", "customer.familyName")


def clerk(*permissions: str, **effects: Effect) -> Actor:
    """Somebody who may read customers, some fields masked or hidden."""
    rules = {("customer", name): effect for name, effect in effects.items()}
    access = Access(scopes={"customer:read": Scope.ALL}, effects=rules, permissions=frozenset(permissions))
    return Actor(ActorType.USER, f"user_{uuid4()}", "Eve", access=access)


async def accesses(crm: TestCrm) -> list[dict[str, Any]]:
    """What was noted."""
    return await crm.database.fetch_dicts("select * from compliance_access order by id")


def reading(actor: Actor) -> sealing.Reading:
    """A reading of somebody's."""
    return sealing.Reading(actor, "support", "request 7")


async def test_a_reading_is_noted_before_it_is_answered(crm: TestCrm) -> None:
    """Who, which field of how many records, for what, in which request; and whose data it was."""
    eve, customer = clerk(), uuid4()
    log = compliance_of(crm)[AccessLog]
    await log.accessed(reading(eve), "customer", {"birth_date": [(customer, customer), (None, uuid4())]})
    (noted,) = await accesses(crm)

    said = {
        name: noted[name] for name in ("actor_id", "entity", "field", "records", "outcome", "purpose", "request_id")
    }
    assert {
        "actor_id": eve.id, "entity": "customer", "field": "birthDate", "records": 2, "outcome": "READ",
        "purpose": "support", "request_id": "request 7",
    } == said  # fmt: skip
    looks = (await crm.execute(LOOKS, {"id": f"customer_{customer}"}))["data"]["complianceLooks"]
    assert [{"actorId": eve.id, "field": "birthDate", "outcome": "READ", "purpose": "support"}] == [
        {k: v for k, v in look.items() if k != "recordId"} for look in looks
    ]


async def test_many_at_once_are_written_together(crm: TestCrm) -> None:
    """None is lost, and each waits until it is on disk."""
    log = compliance_of(crm)[AccessLog]
    asked = [log.accessed(reading(clerk()), "customer", {"birth_date": [(uuid4(), uuid4())]}) for _ in range(50)]
    await asyncio.gather(*asked)

    assert 50 == len({one["actor_id"] for one in await accesses(crm)})


async def test_what_cannot_be_noted_is_not_shown(crm: TestCrm, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever reads gets the error instead, and the next one may try again."""
    log = compliance_of(crm)[AccessLog]

    async def fail(*_: object) -> None:
        raise OSError("disk full")

    with monkeypatch.context() as patch:
        patch.setattr("crmcore_compliance.audit.access.log._write", fail)
        with pytest.raises(OSError, match="disk full"):
            await log.accessed(reading(clerk()), "customer", {"birth_date": [(uuid4(), uuid4())]})
    await log.accessed(reading(clerk()), "customer", {"birth_date": [(uuid4(), uuid4())]})

    assert 1 == len(await accesses(crm))


async def test_who_is_gone_takes_it_from_nobody_else(crm: TestCrm) -> None:
    """A request that is given up while its access is written is noted all the same, and so are those written with it."""
    log = compliance_of(crm)[AccessLog]
    asked = [
        asyncio.ensure_future(log.accessed(reading(clerk()), "customer", {"birth_date": [(uuid4(), uuid4())]}))
        for _ in range(3)
    ]
    await asyncio.sleep(0)
    asked[0].cancel()
    ended = await asyncio.gather(*asked, return_exceptions=True)

    assert [asyncio.CancelledError, type(None), type(None)] == [type(one) for one in ended]
    assert 3 == len(await accesses(crm))


async def test_whatever_keeps_the_log_from_writing_nobody_waits_for_ever(
    crm: TestCrm, monkeypatch: pytest.MonkeyPatch
) -> None:
    """All that were to be written together are told, also when the writing itself was cancelled."""
    log = compliance_of(crm)[AccessLog]

    async def cancelled(*_: object) -> None:
        raise asyncio.CancelledError

    monkeypatch.setattr("crmcore_compliance.audit.access.log._write", cancelled)
    asked = [log.accessed(reading(clerk()), "customer", {"birth_date": [(uuid4(), uuid4())]}) for _ in range(3)]
    async with asyncio.timeout(10):
        ended = await asyncio.gather(*asked, return_exceptions=True)

    assert [asyncio.CancelledError] * 3 == [type(one) for one in ended]


async def test_inside_a_transaction_it_belongs_to_it(crm: TestCrm) -> None:
    """What was undone was not answered either."""
    log = compliance_of(crm)[AccessLog]

    async def unit(work: Work) -> None:
        await log.accessed(reading(clerk()), "customer", {"birth_date": [(uuid4(), uuid4())]})
        raise LookupError("no")

    with pytest.raises(LookupError):
        await crm.run(Actor.system(), unit)

    assert [] == await accesses(crm)


async def test_accesses_become_entries_of_the_log(crm: TestCrm) -> None:
    """Which says how many were looked at, and keeps whose data it was behind a digest."""
    customer = uuid4()
    await compliance_of(crm)[AccessLog].accessed(reading(clerk()), "customer", {"birth_date": [(customer, customer)]})
    await sequence_all(crm)
    found = await crm.database.fetch("select id, number, body from compliance_audit_entry where kind = 'access'")
    (noted,) = await accesses(crm)

    assert [(noted["id"], noted["number"])] == [row[:2] for row in found]
    body = json.loads(found[0][2])
    assert ("customer.birthDate.read", 1, False) == (body["type"], body["records"], str(customer) in found[0][2])
    assert [] == [problem async for problem in problems(crm)]


async def test_an_answer_with_sensitive_values_is_noted(crm: TestCrm, monkeypatch: pytest.MonkeyPatch) -> None:
    """Through the API, one row for a field of a request; a look at what is not sensitive is not."""
    monkeypatch.setattr(batch, "_FEW", 0)
    await crm.make("customer", kind="PERSON", family_name="Byron")
    firms = [await crm.make("customer", kind="ORGANIZATION", tax_id=number) for number in ("A1", "B2")]
    eve = clerk()
    await crm.execute("{ customers { nodes { familyName } } }", as_=eve)
    unnoted = [one for one in await accesses(crm) if one["actor_id"] == eve.id]
    seen = await crm.execute(SEE, as_=eve, request_id="request 9")
    (noted,) = [one for one in await accesses(crm) if one["actor_id"] == eve.id]
    subjects = await crm.database.fetch("select subject_id, record_id from compliance_access_subject")

    again = await crm.execute(SEE, as_=eve, request_id="request 10")
    later = [one["records"] for one in await accesses(crm) if one["request_id"] == "request 10"]

    assert {"A1", "B2"} <= {one["taxId"] for one in seen["data"]["customers"]["nodes"]}
    # What is remembered from before is read as much as what is opened.
    assert (seen["data"], [2]) == (again["data"], later)
    assert ([], 2, "taxId", "request 9") == (unnoted, noted["records"], noted["field"], noted["request_id"])
    assert {(one["id"], one["id"]) for one in firms} == set(subjects)


async def test_what_a_look_up_opened_is_noted_when_it_is_shown(crm: TestCrm) -> None:
    """Once; a look-up whose answer does not show the value is no reading of it."""
    await crm.make("customer", kind="ORGANIZATION", tax_id="A1")
    eve, asked = clerk(), 'customers(filter: {taxId: {eq: "A1"}})'
    shown = await crm.execute(f"{{ {asked} {{ nodes {{ taxId }} }} }}", as_=eve, request_id="request 11")
    counted = await crm.execute(f"{{ {asked} {{ totalCount }} }}", as_=eve, request_id="request 12")

    assert ([{"taxId": "A1"}], 1) == (shown["data"]["customers"]["nodes"], counted["data"]["customers"]["totalCount"])
    assert [("request 11", "taxId", 1)] == [
        (one["request_id"], one["field"], one["records"]) for one in await accesses(crm) if one["actor_id"] == eve.id
    ]


async def test_a_masked_value_is_shown_for_a_reason(crm: TestCrm) -> None:
    """The value; who saw it and why stands in the log."""
    ada = await crm.make("customer", kind="PERSON", given_name="Ada", family_name="Byron")
    eve = clerk("compliance.reveal", familyName=Effect.MASKED)
    asked = {"id": ada.shown_id, "field": "familyName", "reason": "She called and asked for it."}
    answer = await crm.execute(REVEAL, asked, as_=eve)
    noted = [one for one in await accesses(crm) if one["outcome"] == "REVEALED"]

    assert "Byron" == answer["data"]["complianceReveal"]["value"], answer
    assert [(eve.id, "familyName", "support", "She called and asked for it.")] == [
        (one["actor_id"], one["field"], one["purpose"], one["reason"]) for one in noted
    ]
    looks = (await crm.execute(LOOKS, {"id": ada.shown_id}))["data"]["complianceLooks"]
    assert ["REVEALED"] == [look["outcome"] for look in looks if look["actorId"] == eve.id and look["purpose"]]


@pytest.mark.parametrize(
    ("permissions", "effects", "changed", "code", "noted"),
    [
        ((), {}, {}, "FORBIDDEN", True),
        (("compliance.reveal",), {"familyName": Effect.HIDDEN}, {}, "FORBIDDEN", True),
        (("compliance.reveal",), {}, {"field": "deals"}, "VALIDATION", False),
        (("compliance.reveal",), {}, {"reason": "  x "}, "VALIDATION", False),
        (("compliance.reveal",), {}, {"reason": "A\x00 reason."}, "VALIDATION", False),
        (("compliance.reveal",), {}, {"id": f"customer_{uuid4()}"}, "NOT_FOUND", True),
        (("compliance.reveal",), {}, {"id": f"planet_{uuid4()}"}, "VALIDATION", False),
    ],
)
async def test_nothing_else_is_shown(
    crm: TestCrm,
    permissions: tuple[str, ...],
    effects: dict[str, Effect],
    changed: dict[str, str],
    code: str,
    noted: bool,
) -> None:
    """Without the permission, what is hidden, what is no value, for no reason, of nobody; what was refused is noted."""
    ada = await crm.make("customer", kind="PERSON", given_name="Ada", family_name="Byron")
    asked = {"id": ada.shown_id, "field": "familyName", "reason": "She asked for it.", **changed}
    eve = clerk(*permissions, **effects)
    answer = await crm.execute(REVEAL, asked, as_=eve, request_id="request 11")
    rows = [one for one in await accesses(crm) if one["actor_id"] == eve.id]

    assert code == answer["errors"][0]["extensions"]["code"], answer
    assert ([("REFUSED", "familyName", "She asked for it.", "request 11")] if noted else []) == [
        (one["outcome"], one["field"], one["reason"], one["request_id"]) for one in rows
    ]


async def test_a_refusal_says_whose_data_was_asked_for(crm: TestCrm) -> None:
    """Those who may not see a record learn nothing of it; the log knows whose it is."""
    ada = await crm.make("customer", kind="PERSON", given_name="Ada", family_name="Byron")
    nobody = Actor(
        ActorType.USER, f"user_{uuid4()}", "Mal", access=Access(permissions=frozenset({"compliance.reveal"}))
    )
    asked = {"id": ada.shown_id, "field": "familyName", "reason": "She asked for it."}
    answer = await crm.execute(REVEAL, asked, as_=nobody)
    looks = (await crm.execute(LOOKS, {"id": ada.shown_id}))["data"]["complianceLooks"]

    assert "NOT_FOUND" == answer["errors"][0]["extensions"]["code"]
    assert [(nobody.id, "REFUSED")] == [
        (look["actorId"], look["outcome"]) for look in looks if look["outcome"] != "READ"
    ]


class TestTooOften:
    """Revealing is limited."""

    @pytest.fixture
    def compliance_settings(self) -> dict[str, Any]:
        """Twice within an hour."""
        return {"reveals_per_hour": 2}

    async def test_it_is_refused_and_noted(self, crm: TestCrm) -> None:
        """The third within an hour is; after an hour one may again."""
        ada = await crm.make("customer", kind="PERSON", given_name="Ada", family_name="Byron")
        eve = clerk("compliance.reveal", familyName=Effect.MASKED)
        asked = {"id": ada.shown_id, "field": "familyName", "reason": "She asked for it."}
        answers = [await crm.execute(REVEAL, asked, as_=eve) for _ in range(3)]
        noted = [one["outcome"] for one in await accesses(crm) if one["reason"]]
        crm.clock.move(minutes=61)
        later = await crm.execute(REVEAL, asked, as_=eve)

        assert [False, False, True] == ["errors" in answer for answer in answers]
        assert ["REVEALED", "REVEALED", "REFUSED"] == noted
        assert "Byron" == later["data"]["complianceReveal"]["value"]

    async def test_whoever_asks_at_the_same_time_gets_no_more(self, crm: TestCrm) -> None:
        """Many at once are counted as one after the other."""
        ada = await crm.make("customer", kind="PERSON", given_name="Ada", family_name="Byron")
        eve = clerk("compliance.reveal", familyName=Effect.MASKED)
        asked = {"id": ada.shown_id, "field": "familyName", "reason": "She asked for it."}
        answers = await asyncio.gather(*(crm.execute(REVEAL, asked, as_=eve) for _ in range(6)))

        assert 2 == sum("errors" not in answer for answer in answers)
        assert Counter(REVEALED=2, REFUSED=4) == Counter(one["outcome"] for one in await accesses(crm) if one["reason"])


async def lure(crm: TestCrm) -> Any:
    """Make a customer that is a lure."""
    ada = await crm.make("customer", kind="PERSON", given_name="Ada", family_name="Byron")
    await crm.make("compliance_honeytoken", customer=ada, planted="in the list of the sales team")
    await compliance_of(crm)[AccessLog].refresh()
    return ada


async def test_a_lure_raises_an_alarm(crm: TestCrm, caplog: pytest.LogCaptureFixture) -> None:
    """An event that webhooks can be told of, a line of the log, and a count on the lure."""
    ada, eve = await lure(crm), clerk()
    await crm.webhooks.endpoint("compliance_honeytoken.*")
    log = compliance_of(crm)[AccessLog]
    await log.accessed(reading(eve), "customer", {"birth_date": [(ada["id"], ada["id"])]})
    await log.settle()
    (told,) = await crm.happened("compliance_honeytoken.touched")
    await crm.work_off()
    (kept,) = await crm.database.fetch("select alarms from compliance_honeytoken")

    assert (eve.id, "customer.birth_date", ada["id"], 1) == (told.by_id, told.looked_at, told.customer_id, kept[0])
    assert "honeytoken" in caplog.text
    assert "compliance_honeytoken.touched" in [one.type for one in crm.webhooks.received]


async def test_any_look_at_a_lure_raises_an_alarm(crm: TestCrm) -> None:
    """At what is not sensitive, too, as long as it is sealed."""
    await lure(crm)
    eve = clerk()
    await crm.execute("{ customers { nodes { familyName } } }", as_=eve)
    await compliance_of(crm)[AccessLog].settle()

    assert [eve.id] == [event.by_id for event in await crm.happened("compliance_honeytoken.touched")]


async def test_others_raise_no_alarm(crm: TestCrm) -> None:
    """Nor does a lure that was taken in again."""
    ada = await lure(crm)
    (token,) = await crm.database.fetch("select id from compliance_honeytoken")
    log = compliance_of(crm)[AccessLog]
    await log.accessed(reading(clerk()), "customer", {"birth_date": [(uuid4(), uuid4())]})
    await crm.run(Actor.system(), lambda work: actions.delete(work, "compliance_honeytoken", token[0]))
    await log.refresh()
    await log.accessed(reading(clerk()), "customer", {"birth_date": [(ada["id"], ada["id"])]})
    await log.settle()

    assert [] == await crm.happened("compliance_honeytoken.touched")
