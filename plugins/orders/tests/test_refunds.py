"""Money that is given back: never more than was paid, by line and in all."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from crmcore_orders.events import OrderRefunded, RefundedLine
from crmcore_orders.verify import verify
from placing import ask, eur, place, refund

from crmcore import Access, Actor, ActorType, Scope, actions, errors
from crmcore.testing import TestCrm

TEA = {"quantity": 3, "title": "Tea", "unitPrice": eur("3.33")}


async def paid(crm: TestCrm, *lines: dict[str, Any], **more: Any) -> tuple[str, list[str]]:
    """Have an order that was paid; return its id and its lines'."""
    order = await place(crm, *(lines or (TEA,)), **more)
    await ask(crm, "mutation ($id: ID!) { orderPay(id: $id) { __typename } }", {"id": order["id"]})
    return order["id"], [line["id"] for line in order["lines"]["nodes"]]


async def told(crm: TestCrm, order: str) -> dict[str, Any]:
    """Return what the API says was given back for an order."""
    text = "query ($id: ID!) { order(id: $id) { refunded { amount } lines { nodes { returnedQuantity refunded { amount } } } } }"
    found: dict[str, Any] = (await ask(crm, text, {"id": order}))["order"]
    return found


async def test_pieces_come_back_with_their_share(crm: TestCrm) -> None:
    """One by one they give back what all cost together: 10.00 for three is 3.33, 3.33 and 3.34."""
    line = {**TEA, "unitPrice": eur("3.34"), "discount": eur("0.02")}
    order, (tea,) = await paid(crm, line)
    given = [(await refund(crm, order, {"lineId": tea, "quantity": 1}))["amount"]["amount"] for _ in "123"]

    assert ["3.33", "3.33", "3.34"] == given
    assert {
        "refunded": {"amount": "10.00"},
        "lines": {"nodes": [{"returnedQuantity": 3, "refunded": {"amount": "10.00"}}]},
    } == (await told(crm, order))


async def test_pieces_give_back_what_is_left_of_their_line(crm: TestCrm) -> None:
    """After something was given back as a favour, the pieces come back for the rest."""
    order, (tea,) = await paid(crm)
    await refund(crm, order, {"lineId": tea, "amount": eur("8.00")})
    rest = await refund(crm, order, {"lineId": tea, "quantity": 3})

    assert "1.99" == rest["amount"]["amount"]


async def test_a_refund_tells_what_it_was_for(crm: TestCrm) -> None:
    """The event has the order with the refund, the amount, and each line."""
    order, (tea,) = await paid(crm, shipping=eur("5"))
    await refund(crm, order, {"lineId": tea, "quantity": 2, "amount": eur("6")}, shipping=eur("5"), reason="Cold")
    (event,) = await crm.happened(OrderRefunded)
    (line,) = event.lines

    assert (1100, 1100, 2, 600) == (event.amount, event.after["refunded"], line.quantity, line.amount)
    assert isinstance(line, RefundedLine)


@pytest.mark.parametrize(
    ("line", "more", "path", "code"),
    [
        ({"quantity": 4, "amount": eur("1")}, {}, "data.lines.0.quantity", "MORE_THAN_ORDERED"),
        ({"quantity": 1, "amount": eur("10")}, {"shipping": eur("0")}, "data.lines.0.amount", "MORE_THAN_PAID"),
        ({"amount": eur("15")}, {}, "data.amount", "MORE_THAN_PAID"),
        ({"quantity": 1}, {"shipping": eur("5.01")}, "data.shipping", "MORE_THAN_PAID"),
        ({"amount": eur("0")}, {}, "data.amount", "TOO_SMALL"),
        ({}, {}, "data.lines.0.quantity", "REQUIRED"),
        ({"quantity": 1}, {"at": "2999-01-01T00:00:00Z"}, "data.at", "IN_THE_FUTURE"),
        ({"quantity": -1, "amount": eur("1")}, {}, "data.lines.0.quantity", "REQUIRED"),
        ({"amount": {"amount": "1", "currency": "USD"}}, {}, "data.lines.0.amount", "OTHER_CURRENCY"),
    ],
)
async def test_what_cannot_be_given_back(
    crm: TestCrm, line: dict[str, Any], more: dict[str, Any], path: str, code: str
) -> None:
    """Each is refused with its path, and nothing is kept; 3 pieces for 9.99 and 5.00 of shipping were paid."""
    order, (tea,) = await paid(crm, shipping=eur("5"))
    refused = await refund(crm, order, {"lineId": tea, **line}, **more)

    assert [(path, code)] == [(v["path"], v["code"]) for v in refused["violations"]]
    assert "0.00" == (await told(crm, order))["refunded"]["amount"]


async def test_a_line_of_another_order_is_unknown(crm: TestCrm) -> None:
    """And so is one that stands there twice."""
    (order, (tea,)), (_, (other,)) = await paid(crm), await paid(crm)
    foreign = await refund(crm, order, {"lineId": other, "quantity": 1})
    doubled = await refund(crm, order, *[{"lineId": tea, "quantity": 1}] * 2)

    assert ["data.lines.0.lineId", "data.lines.1.lineId"] == [p["violations"][0]["path"] for p in (foreign, doubled)]


async def test_what_was_not_paid_is_not_given_back(crm: TestCrm) -> None:
    """Pay first."""
    order = await place(crm, TEA)
    refused = await refund(crm, order["id"], {"lineId": order["lines"]["nodes"][0]["id"], "quantity": 1})

    assert [("data.orderId", "NOT_PAID")] == [(v["path"], v["code"]) for v in refused["violations"]]


async def test_shipping_is_given_back_once(crm: TestCrm) -> None:
    """In parts, never more than it cost."""
    order, _ = await paid(crm, shipping=eur("5"))
    first, second = [await refund(crm, order, shipping=eur("3")) for _ in "12"]
    rest = await refund(crm, order, shipping=eur("2"))

    assert ("3.00", "MORE_THAN_PAID", "2.00") == (
        first["shipping"]["amount"],
        second["violations"][0]["code"],
        rest["shipping"]["amount"],
    )


async def test_of_refunds_at_one_moment_only_what_was_paid_is_given_back(crm: TestCrm) -> None:
    """Eight people give back the same three pieces: three succeed, whoever was first."""
    order, (tea,) = await paid(crm)
    given = await asyncio.gather(*(refund(crm, order, {"lineId": tea, "quantity": 1}) for _ in range(8)))
    shown = await told(crm, order)

    assert 3 == sum(one["__typename"] == "OrderRefund" for one in given)
    assert {
        "refunded": {"amount": "9.99"},
        "lines": {"nodes": [{"returnedQuantity": 3, "refunded": {"amount": "9.99"}}]},
    } == shown
    assert [] == await crm.run(Actor.system(), verify)


async def test_giving_money_back_is_a_right_of_its_own(crm: TestCrm) -> None:
    """Who may change an order may not give money back for it."""
    order, (tea,) = await paid(crm)
    rights = {f"order:{verb}": Scope.ALL for verb in ("read", "update")}
    answers = []
    for permissions in ((), ("orders.refund",)):
        actor = Actor(ActorType.USER, None, "clerk", access=Access(scopes=rights, permissions=frozenset(permissions)))
        answers.append(await refund(crm, order, {"lineId": tea, "quantity": 1}, actor=actor))

    assert ("FORBIDDEN", "OrderRefund") == (answers[0]["code"], answers[1]["__typename"])


async def test_a_refund_stays(crm: TestCrm) -> None:
    """It is neither deleted nor destroyed; it happened."""
    made = await crm.make("order_refund_line")
    for entity, id in (("order_refund", made["refund_id"]), ("order_refund_line", made["id"])):
        for verb in (actions.delete, actions.destroy):
            with pytest.raises(errors.InUse, match="stays"):
                await crm.run(Actor.system(), lambda work, verb=verb, entity=entity, one=id: verb(work, entity, one))


@pytest.mark.parametrize(
    ("values", "path", "code"),
    [
        ({"currency": "USD"}, "amount", "OTHER_CURRENCY"),
        ({"amount": 4000}, "amount", "MORE_THAN_REFUNDED"),
        ({}, "orderLineId", "OTHER_ORDER"),
    ],
)
async def test_a_refunds_lines_are_its_own(crm: TestCrm, values: dict[str, Any], path: str, code: str) -> None:
    """Of its order, in its currency, and together not more than the refund."""
    first = await crm.make("order_refund_line", amount=2500, quantity=0)
    line = first["order_line_id"]
    if path == "orderLineId":
        line = (await crm.make("order_line"))["id"]
    given = {"refund_id": first["refund_id"], "order_line_id": line, "quantity": 0, "amount": 1000, "currency": "EUR"}
    with pytest.raises(errors.Invalid) as refused:
        await crm.run(Actor.system(), lambda work: actions.create(work, "order_refund_line", given | values))

    assert [(path, code)] == [(v.path, v.code) for v in refused.value.violations]


@pytest.mark.parametrize(
    ("values", "code"), [({"currency": "USD"}, "OTHER_CURRENCY"), ({"amount": 1, "shipping": 2}, "MORE_THAN_PAID")]
)
async def test_a_refund_is_of_its_order(crm: TestCrm, values: dict[str, Any], code: str) -> None:
    """In its currency; and its part of the shipping is a part of it."""
    order = await crm.make("order", shipping=500, subtotal=9500, total=10_000)
    with pytest.raises(errors.Invalid) as refused:
        await crm.make("order_refund", order=order, **values)

    assert [code] == [v.code for v in refused.value.violations]
