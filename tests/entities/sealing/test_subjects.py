"""When a record comes to be about somebody else, all of it is sealed anew."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from crmcore import Crm, Row, Work, actions
from crmcore.access.actor import Actor
from crmcore.entities.lots import in_lots
from crmcore.testing import TestCrm
from tests.entities.sealing.conftest import customer, stored

SYSTEM = Actor.system("tests")


async def _point(crm: Crm, id: UUID) -> Row:
    values = {"customer_id": id, "type": "EMAIL", "value": "ana@acme.example", "label": "Work"}
    return await crm.run(SYSTEM, lambda work: actions.create(work, "contact_point", values))


async def _read(crm: Crm, id: UUID) -> Row:
    return await crm.run(SYSTEM, lambda work: work.get("contact_point", id))


async def test_a_record_that_is_moved_is_sealed_anew(crm: Crm) -> None:
    """By an action, by the server itself, and in a lot: what was sealed for one person would not open for another."""
    ana, bo = await customer(crm), await customer(crm, given_name="Bo")
    point = await _point(crm, ana["id"])

    async def in_a_lot(work: Work) -> list[Any]:
        async def move(id: UUID) -> None:
            await work.change("contact_point", point["id"], {"customer_id": id})

        return await in_lots(work, [ana["id"], bo["id"]], move)

    for move in (
        lambda work: actions.update(work, "contact_point", point["id"], {"customer_id": bo["id"]}),
        lambda work: work.change("contact_point", point["id"], {"customer_id": ana["id"]}),
        in_a_lot,
    ):
        before = await stored(crm, "contact_point", "value")
        await crm.run(SYSTEM, move)
        assert "ana@acme.example" == (await _read(crm, point["id"]))["value"]
        assert before != await stored(crm, "contact_point", "value")


async def test_what_is_about_nobody_afterwards_is_sealed_anew(crm: TestCrm) -> None:
    """What a record's data are about is destroyed, and the record stays: it opens still, as what is about nobody."""
    deal = await crm.make("deal")
    values = {"kind": "NOTE", "channel": "PHONE", "subject": "She called", "deal_id": deal["id"]}
    note = await crm.run(SYSTEM, lambda work: actions.create(work, "interaction", values))
    await crm.run(SYSTEM, lambda work: actions.destroy(work, "deal", deal["id"]))
    row = await crm.run(SYSTEM, lambda work: work.get("interaction", note["id"]))
    assert (None, "She called") == (row["deal_id"], row["subject"])


async def test_seals_hear_of_all_that_goes(crm: Crm) -> None:
    """A customer is destroyed with its contact points: the seal of these is told of each."""
    ana = await customer(crm)
    point = await _point(crm, ana["id"])
    seal: Any = crm.entities["contact_point"].seal
    await crm.run(SYSTEM, lambda work: actions.destroy(work, "customer", ana["id"]))
    ((before, after),) = seal.told[-1]
    assert ((point["id"], "ana@acme.example"), None) == ((before["id"], before["value"]), after)
