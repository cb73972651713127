"""The way of an order, from draft to done."""

from __future__ import annotations

from typing import Any

import pytest
from crmcore_orders.events import OrderCancelled, OrderCompleted, OrderPaid, OrderPlaced
from placing import PROBLEM, ask, eur, place

from crmcore import Actor, actions, errors
from crmcore.testing import TestCrm

TEA = {"quantity": 3, "title": "Tea", "unitPrice": eur("3.33")}
_SHOWN = "... on Order { id status placedAt paidAt fulfilledAt completedAt cancelledAt cancelReason version }"


async def step(crm: TestCrm, name: str, id: str, arguments: str = "") -> dict[str, Any]:
    """Have an order take a step; return it, or the problem."""
    text = f"mutation ($id: ID!) {{ {name}(id: $id{arguments}) {{ {_SHOWN} {PROBLEM} }} }}"
    order: dict[str, Any] = (await ask(crm, text, {"id": id}))[name]
    return order


async def draft(crm: TestCrm, **more: Any) -> dict[str, Any]:
    """Write a draft down; return it, or the problem."""
    text = f"mutation ($data: OrderDraftInput!) {{ orderDraft(data: $data) {{ {_SHOWN} {PROBLEM} }} }}"
    order: dict[str, Any] = (await ask(crm, text, {"data": {"currency": "EUR", "lines": [TEA], **more}}))["orderDraft"]
    return order


async def test_an_order_is_paid_fulfilled_and_completed(crm: TestCrm) -> None:
    """Each step leaves its instant, and those that others wait for tell of it."""
    order = await place(crm, TEA)
    seen = []
    for name in ("orderPay", "orderFulfil", "orderComplete"):
        crm.clock.move(hours=1)
        seen.append((await step(crm, name, order["id"]))["status"])
    done = await step(crm, "orderComplete", order["id"])

    assert ["PAID", "FULFILLED", "COMPLETED"] == seen
    instants = [done[name] for name in ("placedAt", "paidAt", "fulfilledAt", "completedAt")]
    assert (instants, 4) == (sorted(instants), len(set(instants)))
    assert [1, 1, 1] == [len(await crm.happened(event)) for event in (OrderPlaced, OrderPaid, OrderCompleted)]


async def test_each_step_done_twice_is_done_once(crm: TestCrm) -> None:
    """The second time nothing is written and nobody is told."""
    order = await place(crm, TEA)
    for name in ("orderPay", "orderFulfil", "orderComplete"):
        first, second = [await step(crm, name, order["id"]) for _ in "12"]
        assert first == second

    assert [1, 1] == [len(await crm.happened(event)) for event in (OrderPaid, OrderCompleted)]


async def test_what_is_sent_on_an_invoice_is_paid_later(crm: TestCrm) -> None:
    """It stays FULFILLED, and cannot be completed before."""
    order = await place(crm, TEA)
    await step(crm, "orderFulfil", order["id"])
    early = await step(crm, "orderComplete", order["id"])
    ahead = await step(crm, "orderPay", order["id"], ', paidAt: "2999-01-01T00:00:00Z"')
    paid = await step(crm, "orderPay", order["id"], ', paidAt: "2026-01-01T00:00:00Z"')
    done = await step(crm, "orderComplete", order["id"])

    assert [("id", "NOT_PAID"), ("paidAt", "IN_THE_FUTURE")] == [
        (problem["violations"][0]["path"], problem["violations"][0]["code"]) for problem in (early, ahead)
    ]
    assert ("FULFILLED", "2026-01-01T00:00:00.000000Z") == (paid["status"], paid["paidAt"])
    assert ("COMPLETED", 1) == (done["status"], len(await crm.happened(OrderPaid)))


async def test_an_order_is_cancelled_until_it_is_fulfilled(crm: TestCrm) -> None:
    """With a reason; afterwards it goes nowhere."""
    order, sent = await place(crm, TEA), await place(crm, TEA)
    await step(crm, "orderFulfil", sent["id"])
    gone = await step(crm, "orderCancel", order["id"], ', reason: "No tea"')
    again = await step(crm, "orderCancel", order["id"])
    late, paid = await step(crm, "orderCancel", sent["id"]), await step(crm, "orderPay", order["id"])

    assert ("CANCELLED", "No tea", gone) == (gone["status"], gone["cancelReason"], again)
    assert ["NOT_THE_WAY", "NOT_THE_WAY"] == [problem["violations"][0]["code"] for problem in (late, paid)]
    assert 1 == len(await crm.happened(OrderCancelled))


async def test_a_draft_is_placed_when_it_is_ready(crm: TestCrm) -> None:
    """Until then it was never placed, and nobody is told; it is placed once."""
    basket = await draft(crm)
    told = len(await crm.happened(OrderPlaced))
    first, second = [await step(crm, "orderPlaceDraft", basket["id"]) for _ in "12"]
    refused = await step(crm, "orderPlaceDraft", (await step(crm, "orderPay", basket["id"]))["id"])

    assert ("DRAFT", None, 0) == (basket["status"], basket["placedAt"], told)
    assert ("PLACED", True, first) == (first["status"], first["placedAt"] is not None, second)
    assert (1, "NOT_A_DRAFT") == (len(await crm.happened(OrderPlaced)), refused["violations"][0]["code"])


async def test_a_draft_has_no_instant_of_being_placed(crm: TestCrm) -> None:
    """Who gives one means orderPlace."""
    refused = await draft(crm, placedAt="2026-01-01T00:00:00Z")

    assert ("data.placedAt", "NOT_PLACED") == tuple(refused["violations"][0][k] for k in ("path", "code"))


async def test_clients_set_no_status_and_no_amounts(crm: TestCrm) -> None:
    """The input has no such fields, and the actions refuse them from who is not the system."""
    order = await crm.make("order")
    for values in ({"status": "COMPLETED"}, {"total": 1}, {"refunded": 1}):
        actor = Actor.system()
        user = Actor(type(actor.type).USER, None, "somebody", access=actor.access)
        with pytest.raises(errors.Invalid) as refused:
            await crm.run(user, lambda work, values=values: actions.update(work, "order", order["id"], values))
        assert ["READ_ONLY"] == [v.code for v in refused.value.violations]


async def test_an_order_does_not_go_backwards(crm: TestCrm) -> None:
    """Not even by the system."""
    order = await crm.make("order", status="COMPLETED")
    with pytest.raises(errors.Invalid, match="cannot become PLACED"):
        await crm.run(Actor.system(), lambda work: actions.update(work, "order", order["id"], {"status": "PLACED"}))


async def test_only_drafts_and_cancelled_orders_are_deleted(crm: TestCrm) -> None:
    """What was ordered is history."""
    basket, order = await crm.make("order", status="DRAFT"), await crm.make("order")
    gone = await crm.run(Actor.system(), lambda work: actions.delete(work, "order", basket["id"]))
    with pytest.raises(errors.InUse, match="PAID"):
        await crm.run(Actor.system(), lambda work: actions.delete(work, "order", order["id"]))

    assert gone["deleted_at"] is not None
    assert None is basket["placed_at"]
