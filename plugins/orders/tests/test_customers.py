"""What a customer's record shows of their orders."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from placing import ask

from crmcore import Access, Actor, ActorType, Scope, actions
from crmcore.access.actor import Effect
from crmcore.testing import TestCrm

SPENT = """
query ($id: ID!) {
  customer(id: $id) {
    orders { totalCount aggregate { sumTotal { amount currency } } }
    ordersLastAt
    ordersTotalSpent { amount currency }
  }
}
"""
FIRST, LAST = datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 5, 1, tzinfo=UTC)


async def customer(crm: TestCrm) -> Any:
    """Have a customer with orders of two currencies, a refund, a draft, and an order that was cancelled."""
    buyer = await crm.make("customer")
    for total, status, at in (
        (10_000, "PAID", LAST),
        (5000, "COMPLETED", FIRST),
        (70, "DRAFT", None),
        (80, "CANCELLED", LAST),
    ):
        order = await crm.make("order", customer=buyer, total=total, status=status, placed_at=at, currency="EUR")
        if status == "PAID":
            await crm.make("order_refund", order=order, amount=2500)
    await crm.make("order", customer=buyer, total=333, currency="JPY", placed_at=FIRST)
    return buyer


async def test_what_a_customer_has_spent_by_currency(crm: TestCrm) -> None:
    """Less what was given back; drafts and cancelled orders are no purchases."""
    buyer = await customer(crm)
    shown = (await ask(crm, SPENT, {"id": buyer.shown_id}))["customer"]

    assert [{"amount": "125.00", "currency": "EUR"}, {"amount": "333", "currency": "JPY"}] == shown["ordersTotalSpent"]
    assert (LAST, 5) == (datetime.fromisoformat(shown["ordersLastAt"]), shown["orders"]["totalCount"])


async def test_who_has_ordered_nothing_has_spent_nothing(crm: TestCrm) -> None:
    """No amount, no instant."""
    buyer = await crm.make("customer")
    shown = (await ask(crm, SPENT, {"id": buyer.shown_id}))["customer"]

    assert (None, []) == (shown["ordersLastAt"], shown["ordersTotalSpent"])


async def test_who_may_not_see_the_orders_learns_nothing_from_the_sum(crm: TestCrm) -> None:
    """The fields are as the asker's own query of the orders would be."""
    buyer = await customer(crm)
    answers = []
    for rights in ({"customer:read": Scope.ALL}, {"customer:read": Scope.ALL, "order:read": Scope.OWN}):
        actor = Actor(ActorType.USER, None, "clerk", access=Access(scopes=rights))
        text = "query ($id: ID!) { customer(id: $id) { ordersLastAt ordersTotalSpent { amount } } }"
        answers.append((await ask(crm, text, {"id": buyer.shown_id}, actor))["customer"])

    assert [{"ordersLastAt": None, "ordersTotalSpent": []}] * 2 == answers


async def test_who_may_not_see_the_amounts_does_not_see_their_sum(crm: TestCrm) -> None:
    """A role's rule for a field of orders holds for what is made of it."""
    buyer = await customer(crm)
    rights = {"customer:read": Scope.ALL, "order:read": Scope.ALL}
    answers = []
    for effect in (Effect.HIDDEN, Effect.MASKED):
        access = Access(scopes=rights, effects={("order", "total"): effect})
        actor = Actor(ActorType.USER, None, "clerk", access=access)
        text = "query ($id: ID!) { customer(id: $id) { ordersTotalSpent { amount } } }"
        answers.append((await ask(crm, text, {"id": buyer.shown_id}, actor))["customer"])

    assert [{"ordersTotalSpent": []}] * 2 == answers


async def test_the_timeline_has_orders_and_refunds(crm: TestCrm) -> None:
    """When they were placed, and when money was given back; drafts do not show."""
    buyer = await customer(crm)
    text = """
    query ($id: ID!) {
      customer(id: $id) {
        timeline(kinds: [ORDER_PLACED, ORDER_REFUNDED]) {
          nodes { __typename ... on Order { total { amount } } ... on OrderRefund { amount { amount } } }
        }
      }
    }
    """
    nodes = (await ask(crm, text, {"id": buyer.shown_id}))["customer"]["timeline"]["nodes"]

    assert [("OrderRefund", "25.00")] == [(n["__typename"], n["amount"]["amount"]) for n in nodes[:1]]
    assert 4 == sum(n["__typename"] == "Order" for n in nodes)


async def test_a_customer_who_is_destroyed_leaves_the_orders(crm: TestCrm) -> None:
    """As a guest's: the sale was made, and is nobody's any more."""
    order = await crm.make("order")
    await crm.run(Actor.system(), lambda work: actions.destroy(work, "customer", order["customer_id"]))
    answer = await ask(
        crm, "query ($id: ID!) { order(id: $id) { customer { id } total { amount } } }", {"id": order.shown_id}
    )

    assert {"customer": None, "total": {"amount": "100.00"}} == answer["order"]


async def test_an_order_moves_to_another_customer(crm: TestCrm) -> None:
    """As when a guest turns out to be somebody, or two records of a person are made one."""
    order, buyer = await crm.make("order"), await crm.make("customer")
    text = "mutation ($id: ID!, $to: ID!) { updateOrder(id: $id, data: {customerId: $to}) { ... on Order { customer { id } } } }"
    answer = await ask(crm, text, {"id": order.shown_id, "to": buyer.shown_id})

    assert {"customer": {"id": buyer.shown_id}} == answer["updateOrder"]
