"""Named actions as mutations."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

from tests.graphql.conftest import WorldCrm

CREATE = 'mutation { createGadget(data: {name: "Lamp"}) { ... on Gadget { id } } }'
RENAME = """mutation ($id: ID!, $name: String!, $v: Int, $key: String) {
    renameGadget(id: $id, name: $name, at: "2026-01-31T09:30:00Z", expectedVersion: $v, idempotencyKey: $key) {
        ... on Gadget { name version } ... on Problem { code violations { path code } } } }"""
OFFER = """mutation ($lines: [LineInput!]!, $price: MoneyInput!, $subject: ID, $size: GadgetSize, $key: String) {
    makeOffer(lines: $lines, price: $price, subject: $subject, size: $size, idempotencyKey: $key) {
        __typename
        ... on Offer { total { amount currency } sizes gadget { name } gadgetId until secret }
        ... on Problem { code violations { path code } } } }"""
PRICE = {"amount": "5.00", "currency": "EUR"}


async def _gadget(world: WorldCrm) -> str:
    return str((await world.data(CREATE))["createGadget"]["id"])


async def test_an_action_shows_its_record(world: WorldCrm) -> None:
    """The record that the function gives is read as selected."""
    answer = await world.data(RENAME, {"id": await _gadget(world), "name": "Torch", "v": 1})
    assert {"name": "Torch", "version": 2} == answer["renameGadget"]


async def test_an_action_refuses(world: WorldCrm) -> None:
    """What the function refuses is a problem."""
    answer = await world.data(RENAME, {"id": await _gadget(world), "name": "forbidden"})
    assert {"code": "VALIDATION", "violations": [{"path": "name", "code": "FORBIDDEN_NAME"}]} == answer["renameGadget"]


async def test_an_action_with_a_key(world: WorldCrm) -> None:
    """A repeated key does it once."""
    given = {"id": await _gadget(world), "name": "Torch", "key": "k"}
    first = await world.data(RENAME, given)
    assert ({"name": "Torch", "version": 2}, first) == (first["renameGadget"], await world.data(RENAME, given))


async def test_a_dataclass_is_shown(world: WorldCrm) -> None:
    """Money, enums, ids and records of a result show as what they are."""
    id = await _gadget(world)
    answer = await world.data(
        OFFER, {"lines": [{"gadgetId": id, "count": 2}], "price": PRICE, "size": "VERY_LARGE", "subject": id}
    )
    expected = {
        "__typename": "Offer", "total": PRICE, "sizes": ["VERY_LARGE"], "gadget": {"name": "Lamp"}, "gadgetId": id,
        "until": None, "secret": "psst",
    }  # fmt: skip
    assert expected == answer["makeOffer"]


async def test_defaults_of_parameters(world: WorldCrm) -> None:
    """What is absent, or null where null means nothing, takes the function's default."""
    answer = await world.data(OFFER, {"lines": [], "price": PRICE, "size": None})
    got = answer["makeOffer"]
    assert (["SMALL"], None, None) == (got["sizes"], got["gadget"], got["gadgetId"])


async def test_big_integers(world: WorldCrm) -> None:
    """A parameter and a result of 64 bits are texts of digits."""
    offer = 'mutation ($n: BigInt) { makeOffer(lines: [], price: {amount: "1", currency: "EUR"}, grains: $n) { ... on Offer { grains } } }'
    answer = await world.data(offer, {"n": "9223372036854775807"})
    assert {"grains": "9223372036854775807"} == answer["makeOffer"]


async def test_a_secret_is_shown_once(world: WorldCrm) -> None:
    """A replay has the same result without what is secret, and the secret stands nowhere in the database."""
    given: dict[str, Any] = {"lines": [{"gadgetId": await _gadget(world)}], "price": PRICE, "key": "k"}
    first = (await world.data(OFFER, given))["makeOffer"]
    assert {**first, "secret": None} == (await world.data(OFFER, given))["makeOffer"]
    assert "psst" not in str(await world.database.fetch("select outcome from crm_idempotency_key"))


async def test_unreadable_arguments_are_found_together(world: WorldCrm) -> None:
    """Each argument that cannot be read is a violation with its path."""
    lines = [{"gadgetId": "x"}, {"gadgetId": f"maker_{uuid4()}"}]
    given = {"lines": lines, "price": {"amount": "1.234", "currency": "EUR"}, "subject": "y"}
    expected = [
        ("lines.0.gadgetId", "NOT_AN_ID"), ("lines.1.gadgetId", "WRONG_ID_TYPE"),
        ("price.amount", "NOT_AN_AMOUNT"), ("subject", "NOT_AN_ID"),
    ]  # fmt: skip
    answer = (await world.data(OFFER, given))["makeOffer"]
    assert expected == [(v["path"], v["code"]) for v in answer["violations"]]


async def test_nothing_of_a_secret_argument_is_kept(world: WorldCrm) -> None:
    """An action that takes a secret accepts a key and keeps none: a digest of a password can be guessed."""
    text = """mutation ($id: ID!, $word: String!) { sealGadget(id: $id, word: $word, idempotencyKey: "k") { ... on Gadget { name } } }"""
    id = await _gadget(world)
    for word in ("abc", "defg"):
        assert {"sealGadget": {"name": f"Sealed {len(word)}"}} == await world.data(text, {"id": id, "word": word})
    assert [] == await world.database.fetch("select key from crm_idempotency_key")
