"""Records that come to be about somebody else: their values go under that person's key."""

from __future__ import annotations

from typing import Any

import pytest
from crmcore_compliance.sealing import forget, readable
from crmcore_compliance.state import compliance_of
from sealed_acts import create, get, raw, update

from crmcore import Actor, actions, sealing
from crmcore.testing import TestCrm


@pytest.fixture(scope="module")
def sealed() -> tuple[str, ...]:
    """To-dos and what is on them, how people are reached, and what interactions say."""
    return ("task.title", "taskChecklistItem.text", "interaction.subject", "contactPoint.value")


async def _two(crm: TestCrm) -> list[Any]:
    return [(await create(crm, "customer", kind="PERSON", given_name=name))["id"] for name in "AB"]


async def _interaction(crm: TestCrm, customer: Any) -> Any:
    values = {
        "kind": "NOTE",
        "customer_id": customer,
        "subject": "About Roe",
        "channel": "EMAIL",
        "direction": "INBOUND",
    }
    return (await create(crm, "interaction", **values))["id"]


async def test_a_record_that_moves_is_sealed_anew(crm: TestCrm) -> None:
    """After it was given to another customer the first one's key opens nothing of it; destroying that key harms nobody."""
    one, two = await _two(crm)
    id = await _interaction(crm, one)
    before = await raw(crm, "interaction", "subject")
    await update(crm, "interaction", id, customer_id=two)
    assert before != await raw(crm, "interaction", "subject")
    await compliance_of(crm).keyring.destroy(one)
    assert "About Roe" == (await get(crm, "interaction", id))["subject"]
    assert {two} == {whose for (whose,) in await crm.database.fetch("select subject_id from compliance_token")}


async def test_what_hangs_on_a_record_moves_with_it(crm: TestCrm) -> None:
    """An item of a to-do is about whom the to-do is about: it is sealed anew when that changes."""
    one, two = await _two(crm)
    task = await create(crm, "task", title="Call", subject_id=one, subject_type="customer")
    item = await create(crm, "task_checklist_item", task_id=task["id"], text="Ask about Roe")

    async def give(work: Any) -> None:
        await work.change("task", task["id"], {"subject_id": two, "subject_type": "customer"})

    await crm.run(Actor.system("test"), give)
    assert ("Call", "Ask about Roe") == (
        (await get(crm, "task", task["id"]))["title"],
        (await get(crm, "task_checklist_item", item["id"]))["text"],
    )
    await compliance_of(crm).keyring.destroy(one)
    assert "Ask about Roe" == (await get(crm, "task_checklist_item", item["id"]))["text"]
    await compliance_of(crm).keyring.destroy(two)
    assert "«erased»" == (await get(crm, "task_checklist_item", item["id"]))["text"]


async def test_the_past_is_read_by_the_key_of_its_time(crm: TestCrm) -> None:
    """What an event tells of a record that was somebody else's then opens as long as theirs does."""
    one, two = await _two(crm)
    id = await _interaction(crm, one)
    (then,) = await raw(crm, "interaction", "subject")
    await update(crm, "interaction", id, customer_id=two)
    seal = crm.entities["interaction"].seal
    assert seal is not None
    cells = [sealing.Cell("subject", id, two, then)]
    assert ["About Roe"] == await seal.open(crm.database, cells, past=True)
    await compliance_of(crm).keyring.destroy(one)
    assert [sealing.ERASED] == await seal.open(crm.database, cells, past=True)


async def test_what_can_be_read_of_somebody_is_counted(crm: TestCrm) -> None:
    """Over all entities; nothing is left once their key is destroyed, and no token once they are forgotten."""
    one, two = await _two(crm)
    for customer in (one, two):
        await _interaction(crm, customer)
        await create(crm, "contact_point", customer_id=customer, type="EMAIL", value="roe@example.com")
    assert (2, 4) == (await readable(crm, [one]), await readable(crm, [one, two]))
    await compliance_of(crm).keyring.destroy(one)
    assert (0, 2) == (await readable(crm, [one]), await readable(crm, [one, two]))
    await crm.run(Actor.system("test"), lambda work: forget(work.database, [one], []))
    left = await crm.database.fetch("select distinct subject_id from compliance_token")
    assert [(two,)] == left


async def test_a_destroyed_customer_leaves_no_token(crm: TestCrm) -> None:
    """What goes with them in the database goes from the look-ups too."""
    one, _ = await _two(crm)
    await create(crm, "contact_point", customer_id=one, type="EMAIL", value="roe@example.com")
    await crm.run(Actor.system("test"), lambda work: actions.delete(work, "customer", one))
    await crm.run(Actor.system("test"), lambda work: actions.destroy(work, "customer", one))
    assert 0 == await crm.database.fetch_value("select count(*) from compliance_token")
