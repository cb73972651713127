"""Properties through the other doors: HTTP, the command line, subscriptions, search, demonstration data."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

import httpx
import pytest
from click.testing import CliRunner
from crmcore import Actor
from crmcore.cli import main
from crmcore.testing import TestCrm

URL = "/plugins/estates/catalogue.json"


@pytest.mark.crm_settings(plugins={"estates": {"public_catalogue": True}})
async def test_everybody_may_read_the_catalogue(crm: TestCrm) -> None:
    """What is on offer, without the seller and the exact address."""
    await crm.make("estate", title="Flat", kind="FLAT", city="Linz", street="Hafengasse 3")
    await crm.make("estate", status="DRAFT")
    async with httpx.AsyncClient(transport=httpx.ASGITransport(crm.asgi()), base_url="http://crm") as client:
        answer = await client.get(URL)
    (estate,) = answer.json()["estates"]

    assert ("Flat", "Linz", {"amount": "285000.00", "currency": "EUR"}) == (
        estate["title"],
        estate["city"],
        estate["price"],
    )
    assert "Hafengasse" not in answer.text


async def test_the_catalogue_is_closed_unless_it_is_opened(crm: TestCrm) -> None:
    """Without the setting there is no such page."""
    async with httpx.AsyncClient(transport=httpx.ASGITransport(crm.asgi()), base_url="http://crm") as client:
        answer = await client.get(URL)

    assert 404 == answer.status_code


def test_the_command_line_shows_what_is_on_offer(tmp_path: Path) -> None:
    """`crm estates offered` lists the demonstration's properties, for people and for scripts."""
    url = f"sqlite:///{tmp_path / 'crm.db'}"
    for words in (["migrate"], ["seed", "--size", "60", "--seed", "1"]):
        assert 0 == CliRunner().invoke(main, [*words, "--database", url]).exit_code
    shown, listed = [
        CliRunner().invoke(main, ["estates", "offered", *more, "--database", url]) for more in ((), ("--json",))
    ]
    estates = json.loads(listed.stdout)

    assert (0, 0) == (shown.exit_code, listed.exit_code)
    assert len(estates) == len(shown.stdout.splitlines()) > 0
    assert {"id", "title", "city", "price", "viewings"} == set(estates[0])


async def test_a_sale_is_followed_as_it_happens(crm: TestCrm) -> None:
    """Those who watch a city hear of its sales, and of no others."""
    linz, wien = await crm.make("estate", city="Linz"), await crm.make("estate", city="Wien")
    buyer = await crm.make("customer")
    now, follow = str(await crm.feed.end()), 'subscription { estateSold(city: "Wien") { record { id } } }'
    heard = crm.subscribe(follow, actor=Actor.system(), after=now)
    text = "mutation ($id: ID!, $buyer: ID!) { estateSell(id: $id, buyerId: $buyer) { __typename } }"
    for estate in (linz, wien):
        await crm.execute(text, {"id": estate.shown_id, "buyer": buyer.shown_id})
    told = await asyncio.wait_for(anext(heard), 20)

    assert {"id": wien.shown_id} == told["data"]["estateSold"]["record"]


async def test_a_property_is_found_by_its_street(crm: TestCrm) -> None:
    """The one search of the CRM looks into properties too."""
    estate = await crm.make("estate", street="Hafengasse 3")
    answer = await crm.execute('{ search(query: "hafengasse") { edges { node { ... on Estate { id } } } } }')

    assert [{"node": {"id": estate.shown_id}}] == answer["data"]["search"]["edges"]
