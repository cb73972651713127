"""Properties: offering, selling, and what follows."""

from __future__ import annotations

from typing import Any

import pytest
from crmcore import Access, Actor, ActorType, Scope, actions, errors
from crmcore.testing import TestCrm

from crmcore_estates import settling
from crmcore_estates.events import EstateSold

SELL = """
mutation ($id: ID!, $buyer: ID!, $price: MoneyInput) {
  estateSell(id: $id, buyerId: $buyer, price: $price) {
    __typename
    ... on Estate { status price { amount currency } buyer { id } soldAt }
    ... on Problem { code violations { path code } }
  }
}
"""


async def sell(crm: TestCrm, estate: str, buyer: str, **more: Any) -> dict[str, Any]:
    """Sell a property through the API."""
    actor = more.pop("actor", None)
    answer = await crm.execute(SELL, {"id": estate, "buyer": buyer, **more}, actor=actor)
    sold: dict[str, Any] = answer["data"]["estateSell"]
    return sold


@pytest.mark.parametrize(
    ("values", "path", "code"),
    [
        ({"status": "OFFERED", "price": None, "price_currency": None}, "price", "REQUIRED"),
        ({"status": "SOLD"}, "status", "USE_ESTATE_SELL"),
    ],
)
async def test_what_cannot_be_is_refused(crm: TestCrm, values: dict[str, Any], path: str, code: str) -> None:
    """An offer has a price, and nobody sells by changing the status."""
    with pytest.raises(errors.Invalid) as refused:
        await crm.make("estate", **values)

    assert [(path, code)] == [(v.path, v.code) for v in refused.value.violations]


async def test_an_offer_shows_in_the_sellers_timeline(crm: TestCrm) -> None:
    """When it was first offered; a draft does not show."""
    seller = await crm.make("customer")
    await crm.make("estate", seller=seller, title="Draft", status="DRAFT")
    await crm.make("estate", seller=seller, title="Flat")
    timeline = "timeline(kinds: [ESTATE_OFFERED]) { nodes { ... on Estate { title } } }"
    text = f"query ($id: ID!) {{ customer(id: $id) {{ {timeline} }} }}"
    answer = await crm.execute(text, {"id": seller.shown_id})

    assert [{"title": "Flat"}] == answer["data"]["customer"]["timeline"]["nodes"]


async def test_what_is_offered_is_what_is_for_sale_now(crm: TestCrm) -> None:
    """Neither drafts nor what was withdrawn is listed."""
    for status in ("DRAFT", "OFFERED", "WITHDRAWN"):
        await crm.make("estate", title=status, status=status)
    answer = await crm.execute("{ estatesOffered { totalCount nodes { title } } }")

    assert {"totalCount": 1, "nodes": [{"title": "OFFERED"}]} == answer["data"]["estatesOffered"]


async def test_a_sale_says_to_whom_and_for_how_much(crm: TestCrm) -> None:
    """The property is the buyer's, and an event tells of it."""
    estate, buyer = await crm.make("estate"), await crm.make("customer")
    sold = await sell(crm, estate.shown_id, buyer.shown_id, price={"amount": "270000", "currency": "EUR"})
    (event,) = await crm.happened(EstateSold)

    assert ("SOLD", {"amount": "270000.00", "currency": "EUR"}, {"id": buyer.shown_id}) == (
        sold["status"],
        sold["price"],
        sold["buyer"],
    )
    assert (estate["id"], buyer["id"]) == (event.record_id, event.buyer_id)


async def test_selling_twice_changes_nothing(crm: TestCrm) -> None:
    """To the same customer it is the same sale; to another it is refused."""
    estate, buyer, other = await crm.make("estate"), await crm.make("customer"), await crm.make("customer")
    first, second = [await sell(crm, estate.shown_id, buyer.shown_id) for _ in "12"]
    third = await sell(crm, estate.shown_id, other.shown_id)

    assert (first, 1) == (second, len(await crm.happened(EstateSold)))
    assert [{"path": "id", "code": "NOT_OFFERED"}] == third["violations"]


async def test_selling_is_a_right_of_its_own(crm: TestCrm) -> None:
    """Who may change a property may not say that it is sold."""
    estate, buyer = await crm.make("estate"), await crm.make("customer")
    rights = {f"{e}:{a}": Scope.ALL for e in ("estate", "customer") for a in ("read", "update")}
    actors = [
        Actor(ActorType.USER, None, "agent", access=Access(scopes=rights, permissions=frozenset(permissions)))
        for permissions in ((), ("estates.sell",))
    ]
    refused, sold = [await sell(crm, estate.shown_id, buyer.shown_id, actor=actor) for actor in actors]

    assert ("FORBIDDEN", "SOLD") == (refused["code"], sold["status"])


async def test_a_property_that_comes_back_has_no_buyer(crm: TestCrm) -> None:
    """When a sale falls through it is offered again, from the same day as before."""
    estate, buyer = await crm.make("estate"), await crm.make("customer")
    await sell(crm, estate.shown_id, buyer.shown_id)
    offer = {"status": "OFFERED"}
    row = await crm.run(Actor.system(), lambda work: actions.update(work, "estate", estate["id"], offer))

    assert (None, None, estate["offered_at"]) == (row["buyer_id"], row["sold_at"], row["offered_at"])


async def test_a_sale_is_settled_after_the_commit(crm: TestCrm) -> None:
    """Viewings still to be are cancelled, and the seller's history has the sale."""
    seller, buyer = await crm.make("customer"), await crm.make("customer")
    estate = await crm.make("estate", seller=seller, title="Flat")
    viewing = await crm.make("estate_viewing", estate=estate)
    await sell(crm, estate.shown_id, buyer.shown_id)
    await crm.work_off()
    text = """
    query ($viewing: ID!, $seller: ID!) {
      estateViewing(id: $viewing) { status }
      customer(id: $seller) { interactions { nodes { kind subject } } }
    }
    """
    answer = (await crm.execute(text, {"viewing": viewing.shown_id, "seller": seller.shown_id}))["data"]

    assert {"status": "CANCELLED"} == answer["estateViewing"]
    assert [{"kind": "ESTATE_SALE", "subject": "Sold: Flat"}] == answer["customer"]["interactions"]["nodes"]


async def test_a_viewing_that_was_held_stays_so(crm: TestCrm) -> None:
    """A sale cancels what is to come, not what was."""
    estate, buyer = await crm.make("estate"), await crm.make("customer")
    viewing = await crm.make("estate_viewing", estate=estate)
    crm.clock.move(days=30)
    await sell(crm, estate.shown_id, buyer.shown_id)
    await crm.work_off()
    answer = await crm.execute("query ($id: ID!) { estateViewing(id: $id) { status } }", {"id": viewing.shown_id})

    assert {"status": "BOOKED"} == answer["data"]["estateViewing"]


async def test_a_seller_stays_a_customer(crm: TestCrm) -> None:
    """Who has a property on offer cannot be deleted; who has withdrawn it can."""
    seller = await crm.make("customer")
    estate = await crm.make("estate", seller=seller)
    with pytest.raises(errors.InUse, match="on offer"):
        await crm.run(Actor.system(), lambda work: actions.delete(work, "customer", seller["id"]))
    withdrawn = {"status": "WITHDRAWN"}
    await crm.run(Actor.system(), lambda work: actions.update(work, "estate", estate["id"], withdrawn))
    gone = await crm.run(Actor.system(), lambda work: actions.delete(work, "customer", seller["id"]))

    assert gone["deleted_at"] is not None


async def test_customers_say_whether_they_look_for_a_property(crm: TestCrm) -> None:
    """Those with a wish do, until it is deleted."""
    seeker, other = await crm.make("customer"), await crm.make("customer")
    wish = await crm.make("estate_wish", customer=seeker, rooms=3)
    text = "query ($ids: [ID!]!) { nodes(ids: $ids) { ... on Customer { estateSearching estateWish { rooms } } } }"
    before = await crm.execute(text, {"ids": [seeker.shown_id, other.shown_id]})
    await crm.run(Actor.system(), lambda work: actions.delete(work, "estate_wish", wish["id"]))
    after = await crm.execute(text, {"ids": [seeker.shown_id]})

    assert [
        {"estateSearching": True, "estateWish": {"rooms": 3}},
        {"estateSearching": False, "estateWish": None},
    ] == before["data"]["nodes"]
    assert [{"estateSearching": False, "estateWish": None}] == after["data"]["nodes"]


async def test_a_draft_needs_no_price_and_can_be_deleted(crm: TestCrm) -> None:
    """The rules are for what is offered."""
    draft = await crm.make("estate", status="DRAFT", price=None, price_currency=None)
    gone = await crm.run(Actor.system(), lambda work: actions.delete(work, "estate", draft["id"]))

    assert (None, True) == (draft["offered_at"], gone["deleted_at"] is not None)


async def test_who_is_told_twice_of_a_sale_writes_once(crm: TestCrm) -> None:
    """A process may die after the effect and before the note of it: then the handlers hear of the event again."""
    estate, buyer = await crm.make("estate"), await crm.make("customer")
    await sell(crm, estate.shown_id, buyer.shown_id)
    (event,) = await crm.happened(EstateSold)
    await crm.work_off()
    await settling.log_sale(crm, event)
    await settling.cancel_viewings(crm, event)
    answer = await crm.execute('{ interactions(filter: {kind: {eq: "ESTATE_SALE"}}) { totalCount } }')

    assert 1 == answer["data"]["interactions"]["totalCount"]
