"""Placing orders: whole, exact, or not at all."""

from __future__ import annotations

import re
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from crmcore_orders.actions.priced import MOST_LINES
from crmcore_orders.events import OrderCreated, OrderPlaced
from placing import ask, eur, place

from crmcore import Actor
from crmcore.testing import TestCrm

TEA = {"quantity": 3, "title": "Tea", "unitPrice": eur("3.33")}


async def test_an_order_comes_with_its_lines_and_amounts(crm: TestCrm) -> None:
    """In one go: discount and tax are shared by the lines, and all of it adds up."""
    order = await place(crm, TEA, {**TEA, "quantity": 1}, discount=eur("1.00"), tax=eur("2.47"), shipping=eur("5.90"))
    lines = order["lines"]["nodes"]

    amounts = [order[name]["amount"] for name in ("subtotal", "discount", "tax", "shipping", "total")]
    assert ["13.32", "1.00", "2.47", "5.90", "20.69"] == amounts
    assert [(1, "0.75", "1.85", "11.09"), (2, "0.25", "0.62", "3.70")] == [
        (line["position"], *(line[name]["amount"] for name in ("discount", "tax", "total"))) for line in lines
    ]


async def test_products_bring_title_and_price(crm: TestCrm) -> None:
    """By SKU or by id; the price is that of the instant and of the currency, the one that began last."""
    now = crm.clock.now()
    jam = await crm.make("order_product", sku="JAM", title="Jam")
    for days, price in ((30, 500), (2, 600), (-1, 700)):
        await crm.make("order_price", product=jam, price=price, currency="EUR", valid_from=now - timedelta(days=days))
    await crm.make("order_price", product=jam, price=99, currency="USD")
    today = await place(crm, {"sku": "JAM"}, {"productId": jam.shown_id, "title": "A jam"})
    before = await place(crm, {"sku": "JAM"}, placedAt=(now - timedelta(days=9)).isoformat())

    shown = [(line["sku"], line["title"], line["unitPrice"]["amount"]) for line in today["lines"]["nodes"]]
    assert [("JAM", "Jam", "6.00"), ("JAM", "A jam", "6.00")] == shown
    assert "5.00" == before["total"]["amount"]


async def test_a_price_that_has_ended_does_not_hold(crm: TestCrm) -> None:
    """Nor one of another currency."""
    now = crm.clock.now()
    jam = await crm.make("order_product", sku="JAM")
    times = {"valid_from": now - timedelta(days=9), "valid_until": now - timedelta(days=1)}
    await crm.make("order_price", product=jam, price=500, currency="EUR", **times)
    refused = await place(crm, {"sku": "JAM"})

    assert [("data.lines.0.unitPrice", "REQUIRED")] == [(v["path"], v["code"]) for v in refused["violations"]]


async def test_who_acts_on_an_order_that_is_placed_sees_its_lines(crm: TestCrm) -> None:
    """It is a draft until its lines are there; the event has it as it was placed."""
    order = await place(crm, TEA)
    (created,), (placed,) = await crm.happened(OrderCreated), await crm.happened(OrderPlaced)

    assert ("DRAFT", "PLACED", 999) == (created.after["status"], placed.after["status"], placed.after["total"])
    assert "PLACED" == order["status"]


async def test_the_total_that_was_shown_is_the_total_that_counts(crm: TestCrm) -> None:
    """One that differs by a cent is refused, with both amounts, and nothing is kept."""
    refused = await place(crm, TEA, total=eur("9.98"))
    placed = await place(crm, TEA, total=eur("9.99"))

    (violation,) = refused["violations"]
    assert ("data.total", "TOTAL_DIFFERS") == (violation["path"], violation["code"])
    assert "9.99 EUR" in violation["message"]
    assert "9.98 EUR" in violation["message"]
    assert "9.99" == placed["total"]["amount"]
    assert {"totalCount": 1} == (await ask(crm, "{ orders { totalCount } }"))["orders"]


@pytest.mark.parametrize(
    ("line", "more", "path", "code"),
    [
        ({"title": "Tea"}, {}, "data.lines.0.unitPrice", "REQUIRED"),
        ({"unitPrice": eur("1")}, {}, "data.lines.0.title", "REQUIRED"),
        ({**TEA, "quantity": 0}, {}, "data.lines.0.quantity", "OUT_OF_RANGE"),
        ({**TEA, "unitPrice": eur("10000000001")}, {}, "data.lines.0.quantity", "OUT_OF_RANGE"),
        ({**TEA, "unitPrice": {"amount": "1", "currency": "USD"}}, {}, "data.lines.0.unitPrice", "OTHER_CURRENCY"),
        ({**TEA, "unitPrice": eur("-1")}, {}, "data.lines.0.unitPrice", "TOO_SMALL"),
        ({**TEA, "discount": eur("10")}, {}, "data.lines.0.discount", "MORE_THAN_ORDERED"),
        ({**TEA, "tax": eur("1"), "taxPercent": "20"}, {}, "data.lines.0.tax", "TWICE"),
        ({**TEA, "taxPercent": "101"}, {}, "data.lines.0.taxPercent", "OUT_OF_RANGE"),
        ({**TEA, "taxPercent": "20"}, {"tax": eur("1")}, "data.tax", "TWICE"),
        (TEA, {"discount": eur("10")}, "data.discount", "MORE_THAN_ORDERED"),
        (TEA, {"discountPercent": "-1"}, "data.discountPercent", "OUT_OF_RANGE"),
        (TEA, {"currency": "XXX"}, "data.currency", "NO_CURRENCY"),
        (TEA, {"placedAt": "2999-01-01T00:00:00Z"}, "data.placedAt", "IN_THE_FUTURE"),
        (TEA, {"channel": "PIGEON"}, "data.channel", "UNKNOWN_VALUE"),
        ({**TEA, "title": "x" * 256}, {}, "data.lines.0.title", "TOO_LONG"),
    ],
)
async def test_what_cannot_be_ordered_is_refused(
    crm: TestCrm, line: dict[str, Any], more: dict[str, Any], path: str, code: str
) -> None:
    """Each with its path; nothing of the order is kept."""
    refused = await place(crm, line, **more)

    assert (path, code) in [(v["path"], v["code"]) for v in refused["violations"]]
    assert {"totalCount": 0} == (await ask(crm, "{ orders { totalCount } }"))["orders"]


@pytest.mark.parametrize("count", [0, MOST_LINES + 1])
async def test_an_order_has_lines_and_not_too_many(crm: TestCrm, count: int) -> None:
    """At least one, at most 500."""
    refused = await place(crm, *[TEA] * count)

    assert [("data.lines", "OUT_OF_RANGE")] == [(v["path"], v["code"]) for v in refused["violations"]]


async def test_products_that_cannot_be_ordered(crm: TestCrm) -> None:
    """One that is not active, one that does not exist, one whose SKU is said to be another's."""
    jam = await crm.make("order_product", sku="JAM", active=False)
    honey = await crm.make("order_product", sku="HONEY")
    await crm.run(Actor.system(), lambda work: work.change("order_product", honey["id"], {"deleted_at": work.now}))
    tea = await crm.make("order_product", sku="TEA")
    lines: list[dict[str, Any]] = [
        {"sku": "JAM"},
        {"productId": honey.shown_id},
        {"productId": tea.shown_id, "sku": "JAM"},
    ]
    refused = await place(crm, *[{**line, "title": "?", "unitPrice": eur("1")} for line in lines])

    assert [
        ("data.lines.0", "NOT_ACTIVE"),
        ("data.lines.1.productId", "UNKNOWN_REFERENCE"),
        ("data.lines.2.sku", "OTHER_PRODUCT"),
    ] == [(v["path"], v["code"]) for v in refused["violations"]]
    assert jam["active"] is False


async def test_a_sku_that_no_catalogue_has_is_taken_as_it_is(crm: TestCrm) -> None:
    """What is sold need not be in the catalogue."""
    order = await place(crm, {**TEA, "sku": "ODD-1"})

    assert ["ODD-1"] == [line["sku"] for line in order["lines"]["nodes"]]


async def test_prices_may_include_the_tax(crm: TestCrm) -> None:
    """Then it is said, and not added: 20 % in 12.00 are 2.00."""
    line = {"title": "Jam", "unitPrice": eur("12.00"), "taxPercent": "20"}
    order = await place(crm, line, taxIncluded=True)

    assert ("2.00", "12.00") == (order["tax"]["amount"], order["total"]["amount"])


async def test_a_currency_without_cents(crm: TestCrm) -> None:
    """Yen are shared as they are."""
    line = {"title": "Tea", "unitPrice": {"amount": "333", "currency": "JPY"}}
    order = await place(crm, line, line, line, currency="JPY", discountPercent="10")

    assert ["34", "33", "33"] == [line["discount"]["amount"] for line in order["lines"]["nodes"]]
    assert "899" == order["total"]["amount"]


async def test_a_number_is_made_or_given_and_never_given_twice(crm: TestCrm) -> None:
    """Made ones name the day; a second order of the same number is refused."""
    made, given = await place(crm, TEA), await place(crm, TEA, number="A 7")
    refused = await place(crm, TEA, number="A 7")

    assert made["number"].startswith(f"O-{crm.clock.now():%y%m%d}-")
    assert ("A 7", "DUPLICATE") == (given["number"], refused["code"])


async def test_the_same_key_places_one_order(crm: TestCrm) -> None:
    """A client that got no answer sends the request again."""
    text = """
    mutation ($data: OrderDraftInput!) {
      orderPlace(data: $data, idempotencyKey: "basket 7") { ... on Order { id } }
    }
    """
    variables = {"data": {"currency": "EUR", "lines": [TEA]}}
    first, second = [await ask(crm, text, variables) for _ in "12"]

    assert first == second
    assert 1 == len(await crm.happened(OrderPlaced))


async def test_what_the_readme_shows_works(crm: TestCrm) -> None:
    """Its order comes to what it says."""
    readme = Path(__file__).parents[1].joinpath("README.md").read_text(encoding="utf-8")
    (text,) = re.findall(r"```graphql\n(.*?)```", readme, re.DOTALL)
    order = (await ask(crm, text))["orderPlace"]

    assert ("PLACED", "29.93", "2.18") == (order["status"], order["total"]["amount"], order["tax"]["amount"])
