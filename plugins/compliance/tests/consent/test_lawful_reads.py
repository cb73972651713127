"""A read that declares a purpose gets only people for whom it is lawful at that instant, and only what the purpose names."""

from __future__ import annotations

import asyncio
import json
from contextlib import aclosing
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from crmcore_compliance.consent import lawful
from people import decide, made_purpose, notice

from crmcore import Actor, errors, for_purpose
from crmcore.testing import TestCrm

READ = "{ customers(orderBy: [{field: DISPLAY_NAME}]) { totalCount nodes { displayName givenName deals { totalCount } } } }"


async def names(crm: TestCrm, purpose: str | None, as_: str = "admin") -> list[str]:
    """Return whom somebody sees who reads for a purpose."""
    actor = await crm.actor(as_)
    if purpose is not None:
        actor = await for_purpose(crm, actor, purpose)
    answer = await crm.execute(READ, actor=actor)
    found = [node["displayName"] for node in answer["data"]["customers"]["nodes"]]
    assert len(found) == answer["data"]["customers"]["totalCount"]
    return found


@pytest.fixture
async def people(crm: TestCrm) -> dict[str, Any]:
    """Three people; a purpose by consent, to which Ada agreed, Bob not, and nobody asked Cyd."""
    made = {name: await crm.make("customer", kind="PERSON", given_name=name) for name in ("Ada", "Bob", "Cyd")}
    mail = await made_purpose(crm, "mail", needs="CONSENT")
    await decide(crm, made["Ada"], mail, "GIVEN")
    await decide(crm, made["Bob"], mail, "REFUSED")
    return made | {"mail": mail}


async def test_consent_is_asked_for_each_person(crm: TestCrm, people: dict[str, Any]) -> None:
    """Without a purpose all are there; with one only who agreed, for administrators as for others; counts are of these."""
    assert [["Ada", "Bob", "Cyd"], ["Ada"], ["Ada"]] == [
        await names(crm, None),
        await names(crm, "mail"),
        await names(crm, "mail", "viewer"),
    ]


async def test_withdrawing_counts_from_the_next_read(crm: TestCrm, people: dict[str, Any]) -> None:
    """Nothing is kept that would go on without consent; agreeing again counts at once too."""
    await decide(crm, people["Ada"], people["mail"], "WITHDRAWN")
    gone = await names(crm, "mail")
    await decide(crm, people["Ada"], people["mail"], "GIVEN")

    assert ([], ["Ada"]) == (gone, await names(crm, "mail"))


async def test_consent_ends_to_the_instant(crm: TestCrm, people: dict[str, Any]) -> None:
    """No job need run for it: the statement asks what the time is."""
    soon = crm.clock.now() + timedelta(days=30)
    await decide(crm, people["Cyd"], people["mail"], "GIVEN", valid_until=soon)
    before = await names(crm, "mail")
    crm.clock.move(days=30, seconds=1)

    assert (["Ada", "Cyd"], ["Ada"]) == (before, await names(crm, "mail"))


async def test_who_objects_is_left_alone(crm: TestCrm, people: dict[str, Any]) -> None:
    """By legitimate interests it is lawful for all who do not object; a contract asks nobody."""
    score, invoice = (
        await made_purpose(crm, "score", needs="LEGITIMATE_INTERESTS"),
        await made_purpose(crm, "invoice", needs="CONTRACT"),
    )
    for purpose in (score, invoice):
        await decide(crm, people["Bob"], purpose, "OBJECTED")

    assert (["Ada", "Cyd"], ["Ada", "Bob", "Cyd"]) == (await names(crm, "score"), await names(crm, "invoice"))


async def test_what_leads_to_somebody_goes_with_them(crm: TestCrm, people: dict[str, Any]) -> None:
    """Deals and ways to reach them: whatever is about a person who did not agree is not there for the purpose."""
    for name in ("Ada", "Bob"):
        await crm.make("deal", name=f"Of {name}", customer=people[name])
        await crm.make("contact_point", customer=people[name], type="EMAIL", value=f"{name.lower()}@example.com")
    actor = await for_purpose(crm, await crm.actor("admin"), "mail")
    answer = await crm.execute("{ deals { nodes { name } } contactPoints { nodes { value } } }", actor=actor)

    assert {
        "deals": {"nodes": [{"name": "Of Ada"}]},
        "contactPoints": {"nodes": [{"value": "ada@example.com"}]},
    } == answer["data"]


async def test_a_purpose_that_rests_is_no_purpose(crm: TestCrm, people: dict[str, Any]) -> None:
    """A retired purpose is refused, and what was begun with it reads nothing more."""
    before = await for_purpose(crm, await crm.actor("admin"), "mail")
    await crm.make("compliance_purpose", code="old", name="Old", lawful_basis="CONTRACT", status="RETIRED")
    await crm.execute(
        "mutation ($id: ID!) { updateCompliancePurpose(id: $id, data: {status: RETIRED}) { __typename } }",
        {"id": people["mail"].shown_id},
    )
    answer = await crm.execute("{ customers { totalCount } }", actor=before)
    for code in ("old", "mail", "never"):
        with pytest.raises(errors.Invalid):
            await for_purpose(crm, before, code)

    assert {"customers": {"totalCount": 0}} == answer["data"]


async def test_a_code_cannot_carry_sql(crm: TestCrm, people: dict[str, Any]) -> None:
    """A purpose set past the hook reads nothing unless it is written as codes are."""
    admin = await crm.actor("admin")
    forged = replace(admin, access=replace(admin.access, purpose="x' or '1' = '1"))
    answer = await crm.execute("{ customers { totalCount } }", actor=forged)

    assert {"customers": {"totalCount": 0}} == answer["data"]


async def test_fields_of_other_categories_are_kept_back(crm: TestCrm, people: dict[str, Any]) -> None:
    """A purpose that names what it uses leaves the rest masked or hidden, for administrators too."""
    await made_purpose(crm, "call", needs="CONTRACT", categories=["user.contact", "user.name.first"], others="HIDDEN")
    await crm.make("customer", kind="PERSON", given_name="Dora", family_name="Doe", birth_date=crm.clock.now().date())
    actor = await for_purpose(crm, await crm.actor("admin"), "call")
    answer = await crm.execute(
        '{ customers(filter: {givenName: {eq: "Dora"}}) { nodes { givenName familyName birthDate } } }', actor=actor
    )

    assert [{"givenName": "Dora", "familyName": None, "birthDate": None}] == answer["data"]["customers"]["nodes"]


async def test_plugins_ask_for_many_people_at_once(crm: TestCrm, people: dict[str, Any], assert_queries: Any) -> None:
    """One statement, whoever is asked about; an unknown purpose is lawful for nobody."""
    ids = [people[name]["id"] for name in ("Ada", "Bob", "Cyd")]
    with assert_queries(1):
        found = await lawful(crm.database, "mail", ids)

    assert ({people["Ada"]["id"]}, set()) == (found, await lawful(crm.database, "nothing", ids))


async def test_the_crm_itself_keeps_the_books_of_all(crm: TestCrm, people: dict[str, Any]) -> None:
    """The system is not narrowed by what somebody reads for."""
    assert (
        3
        == (await crm.execute("{ customers { totalCount } }", actor=Actor.system()))["data"]["customers"]["totalCount"]
    )
    await notice(crm)


EVERYWHERE = {
    "search": '{ search(query: "Bob") { nodes { __typename ... on Customer { displayName } } } }',
    "one": "query ($id: ID!) { customer(id: $id) { displayName } }",
    "node": "query ($id: ID!) { node(id: $id) { id ... on Customer { displayName } } }",
    "aggregate": "{ customersGroup: customers { nodes { displayName } totalCount } }",
    "changes": "query ($after: String) { changes(after: $after) { nodes { record { id ... on Customer { displayName } } } } }",
    "nested": "{ deals { nodes { name customer { displayName } } } }",
    "tasks": "{ tasks { nodes { title } } }",
    "consents": "{ complianceConsents { nodes { customer { displayName } } } }",
}


@pytest.mark.parametrize("where", EVERYWHERE)
async def test_there_is_no_other_way_to_them(crm: TestCrm, people: dict[str, Any], where: str) -> None:
    """Search, one record, the feed of changes, nested lists: what is read without a purpose is not read with it."""
    bob = people["Bob"]
    begin = await crm.execute("{ changes(first: 0) { pageInfo { endCursor } } }")
    await crm.make("deal", name="Of Bob", customer=bob)
    await crm.make("task", title="Call Bob", subject=bob)
    await crm.execute(
        'mutation ($id: ID!) { updateCustomer(id: $id, data: {jobTitle: "Cook"}) { __typename } }', {"id": bob.shown_id}
    )
    given = {"id": bob.shown_id, "after": begin["data"]["changes"]["pageInfo"]["endCursor"]}
    admin = await crm.actor("admin")
    texts = []
    for actor in (admin, await for_purpose(crm, admin, "mail")):
        answer = await crm.execute(
            EVERYWHERE[where], {n: v for n, v in given.items() if f"${n}" in EVERYWHERE[where]}, actor=actor
        )
        assert "errors" not in answer, answer
        texts.append(json.dumps(answer))

    assert [True, False] == ["Bob" in text or bob.shown_id in text for text in texts]


async def test_a_subscription_tells_of_nobody_else(crm: TestCrm, people: dict[str, Any]) -> None:
    """What happens to Bob is not told to who listens for a purpose he refused; what happens to Ada is."""
    begin = await crm.execute("{ changes(first: 0) { pageInfo { endCursor } } }")
    for name in ("Bob", "Ada"):
        text = 'mutation ($id: ID!) { updateCustomer(id: $id, data: {jobTitle: "Cook"}) { __typename } }'
        await crm.execute(text, {"id": people[name].shown_id})
    actor = await for_purpose(crm, await crm.actor("admin"), "mail")
    heard = crm.subscribe(
        "subscription { changes(entities: [CUSTOMER]) { recordId } }",
        actor=actor,
        after=begin["data"]["changes"]["pageInfo"]["endCursor"],
    )
    async with asyncio.timeout(10), aclosing(heard):  # type: ignore[type-var]
        first = await anext(heard)

    assert {"changes": {"recordId": people["Ada"].shown_id}} == first["data"]
