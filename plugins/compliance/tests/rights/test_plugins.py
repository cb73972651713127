"""Plugins are asked: loyalty ends memberships, orders keep their books, tasks go."""

from __future__ import annotations

from uuid import UUID

import pytest
from crmcore_compliance.rights.erasing import policy
from crmcore_compliance.rights.packing.steps import opened
from crmcore_loyalty.program.enrolling import loyalty_enrol
from rights_world import asked, row_of

from crmcore import Actor, Work, actions
from crmcore.testing import TestCrm

SYSTEM = Actor.system("tests")


async def buyer(crm: TestCrm) -> UUID:
    """A customer with an order and a to-do about it."""

    async def unit(work: Work) -> UUID:
        customer = await actions.create(work, "customer", {"kind": "PERSON", "family_name": "Buyerquark"})
        order = {"customer_id": customer["id"], "status": "PLACED", "placed_at": work.now, "note": "buyerquark rings"}
        order |= {"subtotal": 1000, "total": 1000, "currency": "EUR"}
        made = await actions.create(work, "order", order)
        line = {
            "order_id": made["id"],
            "position": 1,
            "title": "A lamp",
            "quantity": 1,
            "total": 1000,
            "currency": "EUR",
        }
        await actions.create(work, "order_line", {**line, "unit_price": 1000})
        about = {"subject_id": made["id"], "subject_type": "order"}
        await actions.create(work, "task", {**about, "title": "Ring buyerquark"})
        id: UUID = customer["id"]
        return id

    return await crm.run(SYSTEM, unit)


async def test_orders_keep_their_books_and_lose_every_word_about_the_person(crm: TestCrm) -> None:
    """Amounts and lines stay for those who audit; notes go, and so do to-dos about the order."""
    customer = await buyer(crm)
    request = await asked(crm, customer)

    assert [(1000, None)] == await crm.database.fetch("select total, note from orders_order")
    assert [("A lamp",)] == await crm.database.fetch("select title from order_line")
    assert [] == await crm.database.fetch("select id from task")
    fates = {
        line["entity"]: line["fate"]
        for line in (await row_of(crm, "compliance_request", request))["certificate"]["records"]
    }
    assert ("ANONYMISED", "KEPT", "DELETED") == (fates["order"], fates["order_line"], fates["task"])


async def test_a_package_has_what_plugins_work_out(crm: TestCrm) -> None:
    """What somebody has spent is data about them too."""
    files, _ = await opened(crm, await asked(crm, await buyer(crm), "ACCESS"))

    assert '"spent": "10' in files["data.json"]


async def test_memberships_end_and_lead_to_nobody(crm: TestCrm) -> None:
    """The ledger of a member who was erased goes on without a name."""
    program = await crm.make("loyalty_program", status="ACTIVE")
    customer = await crm.make("customer", kind="PERSON", family_name="Memberquark")
    member = await crm.run(SYSTEM, lambda work: loyalty_enrol(work, customer["id"], program["id"]))
    await asked(crm, customer["id"])

    row = await row_of(crm, "loyalty_member", member["id"])
    assert ("CLOSED", None) == (row["status"], row["customer_id"])


@pytest.mark.parametrize(
    ("entity", "delete", "fate"),
    [
        ("customer", True, "ANONYMISED"),
        ("contact_point", True, "DELETED"),
        ("contact_point", False, "ANONYMISED"),
        ("interaction", True, "ANONYMISED"),
        ("tagging", True, "DELETED"),
        ("compliance_request", True, "ANONYMISED"),
    ],
)
def test_records_that_no_plugin_takes_care_of_have_a_fate(
    crm_model: TestCrm, entity: str, delete: bool, fate: str
) -> None:
    """What only describes the person goes; what figures rest on is emptied; what proves compliance stays."""
    assert fate == policy.policy_of(crm_model.entities[entity], delete=delete)[0].name
