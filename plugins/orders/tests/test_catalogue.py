"""Products, categories and prices."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from placing import ask

from crmcore import Actor, actions, errors
from crmcore.testing import TestCrm


async def test_a_product_has_titles_in_several_languages(crm: TestCrm) -> None:
    """By BCP 47 tag."""
    titles = {"de-AT": "Marillenmarmelade", "zh-Hans": "杏子酱", "es-419": "Mermelada"}
    text = """
    mutation ($titles: JSON) {
      createOrderProduct(data: {sku: "JAM", title: "Apricot jam", titles: $titles}) { ... on OrderProduct { titles active } }
    }
    """
    answer = await ask(crm, text, {"titles": titles})

    assert {"titles": titles, "active": True} == answer["createOrderProduct"]


@pytest.mark.parametrize("titles", [["Jam"], {"german": "Marmelade"}, {"de": " "}, {"de": 7}, {"de": "x" * 256}])
async def test_titles_are_texts_by_language(crm: TestCrm, titles: Any) -> None:
    """Anything else is refused."""
    with pytest.raises(errors.Invalid) as refused:
        await crm.make("order_product", titles=titles)

    assert [("titles", "MALFORMED")] == [(v.path, v.code) for v in refused.value.violations]


async def test_a_category_cannot_stand_below_itself(crm: TestCrm) -> None:
    """Neither at once nor over others."""
    top = await crm.make("order_category")
    middle = await crm.make("order_category", parent=top)
    below = await crm.make("order_category", parent=middle)
    for parent in (top, below):
        with pytest.raises(errors.Invalid, match="below itself"):
            await crm.run(
                Actor.system(),
                lambda work, parent=parent: actions.update(
                    work, "order_category", top["id"], {"parent_id": parent["id"]}
                ),
            )


async def test_products_are_found_by_category(crm: TestCrm) -> None:
    """And categories show what is below them."""
    jams = await crm.make("order_category", title="Jams", parent=await crm.make("order_category", title="Food"))
    await crm.make("order_product_category", product=await crm.make("order_product", sku="JAM"), category=jams)
    text = '{ orderCategories(filter: {title: {eq: "Food"}}) { nodes { children { nodes { products { nodes { product { sku } } } } } } } }'
    answer = await ask(crm, text)

    assert [{"children": {"nodes": [{"products": {"nodes": [{"product": {"sku": "JAM"}}]}}]}}] == (
        answer["orderCategories"]["nodes"]
    )


async def test_a_price_begins_now_and_ends_after_it_began(crm: TestCrm) -> None:
    """Unless somebody says when."""
    now = crm.clock.now()
    price = await crm.make("order_price")
    with pytest.raises(errors.Invalid) as refused:
        await crm.make("order_price", valid_from=now, valid_until=now)
    changed = await crm.run(
        Actor.system(),
        lambda work: actions.update(work, "order_price", price["id"], {"valid_until": now + timedelta(days=1)}),
    )

    assert now <= price["valid_from"] <= crm.clock.now()
    assert ["ENDS_BEFORE_IT_BEGINS"] == [v.code for v in refused.value.violations]
    assert changed["valid_until"] == now + timedelta(days=1)


async def test_products_and_orders_are_found_by_search(crm: TestCrm) -> None:
    """By SKU, title and number; an order also by what its lines say."""
    product = await crm.make("order_product", sku="JAM-77", title="Apricot jam")
    order = await crm.make("order", number="A-2026-17")
    await crm.make("order_line", order=order, title="Linden honey", sku="HON-1")
    text = "query ($for: String!) { search(query: $for) { edges { node { ... on Node { id } } } } }"
    found = [
        (await ask(crm, text, {"for": words}))["search"]["edges"] for words in ("apricot", "2026-17", "linden honey")
    ]

    assert [product.shown_id, order.shown_id, order.shown_id] == [edges[0]["node"]["id"] for edges in found]
