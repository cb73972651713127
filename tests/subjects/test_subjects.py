"""Which records are about a person, and how they are emptied or removed without a trace."""

from __future__ import annotations

from uuid import UUID

import pytest

from crmcore import Actor, Work, actions, errors, subjects
from crmcore.events.verify import verify
from crmcore.testing import TestCrm

SYSTEM = Actor.system("tests")


async def ada_of(crm: TestCrm) -> UUID:
    """A person with an e-mail address, a deal, and a tag on the deal."""

    async def unit(work: Work) -> UUID:
        ada = await actions.create(work, "customer", {"kind": "PERSON", "family_name": "Quark", "description": "quark"})
        of = {"customer_id": ada["id"]}
        await actions.create(work, "contact_point", {**of, "type": "EMAIL", "value": "quark@example.com"})
        await actions.update(work, "customer", ada["id"], {"job_title": "quarkist"})
        id: UUID = ada["id"]
        return id

    id = await crm.run(SYSTEM, unit)
    deal = await crm.make("deal", customer_id=id)
    await crm.make("external_id", record_id=deal["id"], record_type="deal", external_id="quark-1")
    return id


async def told(crm: TestCrm, *tables: str) -> str:
    """All that stands in tables."""
    return "".join([repr(await crm.database.fetch(f"select * from {table}")) for table in tables]).casefold()


async def test_records_about_a_person_are_those_that_lead_to_them(crm: TestCrm) -> None:
    """Directly, or by hanging on a record that does; not those of others."""
    ada = await ada_of(crm)
    await ada_of(crm)
    found = await subjects.records_of(crm.database, crm.entities, await subjects.subject_of(crm.database, ada))

    assert "customer" == next(iter(found))
    assert {"customer": 1, "contact_point": 1, "deal": 1, "external_id": 1} == {
        name: len(found[name]) for name in ("customer", "contact_point", "deal", "external_id")
    }


async def test_who_turned_out_to_be_somebody_is_the_same_person(crm: TestCrm) -> None:
    """Over several merges, and in circles."""
    ids = [(await crm.make("customer"))["id"] for _ in range(3)]
    for one, other in zip(ids, [*ids[1:], ids[0]], strict=True):
        await crm.database.execute("update customer set merged_into_id = $1 where id = $2", one, other)

    assert set(ids) == set(await subjects.same_person(crm.database, ids[0]))


async def test_emptied_records_leave_nothing_in_table_search_and_feed(crm: TestCrm) -> None:
    """Their history goes on without a gap, and tells nothing of what was in them."""
    ada = await ada_of(crm)
    changed = await crm.run(SYSTEM, lambda work: subjects.blank(work, "customer", [ada]))

    assert 1 == changed
    events = repr(await crm.database.fetch("select * from crm_event where entity = 'customer'")).casefold()
    assert "quark" not in await told(crm, "customer") + events
    assert [] == (await verify(crm)).problems
    assert 0 == await crm.run(SYSTEM, lambda work: subjects.blank(work, "customer", [ada]))


async def test_removed_records_leave_nothing_in_table_and_feed(crm: TestCrm) -> None:
    """The feed tells that they were destroyed, and not what they were."""
    ada = await ada_of(crm)
    (point,) = await crm.run(SYSTEM, lambda work: work.find("contact_point", customer_id=ada))
    await crm.run(SYSTEM, lambda work: subjects.remove(work, "contact_point", [point["id"]]))

    events = repr(await crm.database.fetch("select * from crm_event where entity = 'contact_point'"))
    assert "quark" not in await told(crm, "contact_point") + events
    assert [point["id"]] == [event.record_id for event in await crm.happened("contact_point.destroyed")]
    assert [] == (await verify(crm)).problems


async def test_what_others_need_is_not_removed(crm: TestCrm) -> None:
    """A customer with a deal stays, and so does all that was to go with them."""
    ada = await ada_of(crm)

    async def unit(work: Work) -> None:
        with pytest.raises(errors.InUse):
            await subjects.remove(work, "customer", [ada])

    await crm.run(SYSTEM, unit)
    assert "quark@example.com" in await told(crm, "contact_point")


async def test_what_is_left_of_a_person_is_found(crm: TestCrm) -> None:
    """In tables and in the feed, by column; nothing once it was emptied."""
    ada = await ada_of(crm)
    records = {"customer": [ada]}
    before = await subjects.remains(crm.database, crm.entities, records)
    await crm.run(SYSTEM, lambda work: subjects.blank(work, "customer", [ada]))
    after = await subjects.remains(crm.database, crm.entities, records)

    assert {"customer.family_name", "feed customer.family_name", "feed customer.job_title"} <= before.plain
    assert after.nothing


async def test_answers_to_requests_about_a_record_are_forgotten(crm: TestCrm) -> None:
    """Those that are kept by idempotency keys, and only those that name it."""
    text = """mutation ($name: String!) {
        createCustomer(data: {kind: PERSON, displayName: $name}, idempotencyKey: $name) { ... on Customer { id } }
    }"""
    for name in ("ada", "bob"):
        assert "errors" not in await crm.execute(text, {"name": name})
    ada = await crm.database.fetch_value("select id from customer where display_name = 'ada'")
    await subjects.forget_traces(crm.database, {"customer": [ada]})

    assert [("bob",)] == await crm.database.fetch("select key from crm_idempotency_key")
