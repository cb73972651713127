"""Rewards come back, and with them points, pieces, codes and places."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from rewards_stage import FULFIL, REFUND, asked, available, eur, member, program, purchase, taken, word

from crmcore.testing import TestCrm

NOON = datetime(2027, 3, 1, 12, tzinfo=UTC)


async def test_an_order_that_is_not_paid_can_be_given_up(crm: TestCrm) -> None:
    """Points and piece are free at once; afterwards nothing is to be refunded or handed over."""
    currency = await program(crm)
    reward = await crm.make("loyalty_reward", currency=currency, stock=1, cash=1500)
    buyer = await member(crm, currency, 100)
    ordered = await purchase(crm, reward, buyer)
    early = await asked(crm, FULFIL, id=ordered["order"]["id"])
    first, second = [await asked(crm, REFUND, id=ordered["order"]["id"]) for _ in "12"]

    assert ("LAPSED", "Broken", first) == (first["status"], first["reason"], second)
    assert ("NOT_PAID", 100, 0) == (word(early), await available(crm, buyer), await taken(crm))


@pytest.mark.parametrize("points", [100, 0])
async def test_a_reward_that_comes_back_gives_back_points_and_piece(crm: TestCrm, points: int) -> None:
    """Once, though four say so at one moment."""
    currency = await program(crm)
    reward, buyer = (
        await crm.make("loyalty_reward", currency=currency, stock=1, points=points),
        await member(crm, currency, 100),
    )
    ordered = await purchase(crm, reward, buyer)
    outcomes = await asyncio.gather(*(asked(crm, REFUND, id=ordered["order"]["id"]) for _ in range(4)))

    assert {"REFUNDED"} == {outcome["status"] for outcome in outcomes}
    assert (100, 0) == (await available(crm, buyer), await taken(crm))
    assert "OK" == word(await purchase(crm, reward, buyer))


@pytest.mark.parametrize(
    ("kind", "values"),
    [
        ("VOUCHER", {"value": 1000, "value_currency": "EUR"}),
        ("GIFT_CARD", {"value": 1000, "value_currency": "EUR"}),
        ("DISCOUNT", {"percent": 10}),
    ],
)
async def test_codes_are_had_at_once(crm: TestCrm, kind: str, values: dict[str, Any]) -> None:
    """One for each, worth what the reward says and for as long; given back, they count no more."""
    crm.clock.set(NOON)
    currency = await program(crm)
    reward = await crm.make("loyalty_reward", currency=currency, kind=kind, code_days=30, **values)
    buyer = await member(crm, currency, 200)
    done = await purchase(crm, reward, buyer, n=2)
    text = "query ($id: ID!) { loyaltyMember(id: $id) { vouchers { nodes { kind status percent value { amount } expiresAt } } } }"
    before = await asked(crm, text, id=buyer.shown_id)
    await asked(crm, REFUND, id=done["order"]["id"])
    after = await asked(crm, text, id=buyer.shown_id)
    worth = {"percent": values.get("percent"), "value": {"amount": "10.00"} if "value" in values else None}

    assert (2, "FULFILLED") == (len(set(done["codes"])), done["order"]["status"])
    assert [{"kind": kind, "status": "ACTIVE", **worth, "expiresAt": "2027-03-31T12:00:00.000000Z"}] * 2 == before[
        "vouchers"
    ]["nodes"]
    assert {"VOID"} == {voucher["status"] for voucher in after["vouchers"]["nodes"]}


async def test_a_gift_card_that_was_used_is_not_taken_back(crm: TestCrm) -> None:
    """Nor are its points given back, until what was paid with it is."""
    currency = await program(crm)
    reward = await crm.make("loyalty_reward", currency=currency, kind="GIFT_CARD", value=1000, value_currency="EUR")
    buyer = await member(crm, currency, 100)
    done = await purchase(crm, reward, buyer)
    text = "mutation ($code: String!, $a: MoneyInput) { loyaltyRedeemVoucher(code: $code, amount: $a) { ... on LoyaltyVoucherUse { id } } }"
    used = await asked(crm, text, code=done["codes"][0], a=eur("1"))
    refused = await asked(crm, REFUND, id=done["order"]["id"])
    left = await available(crm, buyer)
    await asked(crm, "mutation ($id: ID!) { loyaltyReturnVoucher(useId: $id) { __typename } }", id=used["id"])
    back = await asked(crm, REFUND, id=done["order"]["id"])

    assert ("VOUCHER_USED", 0) == (word(refused), left)
    assert ("REFUNDED", 100) == (back["status"], await available(crm, buyer))


async def test_a_ticket_takes_a_place(crm: TestCrm) -> None:
    """Or, if there is none, neither points nor piece; given back, the place is free."""
    crm.clock.set(NOON)
    currency = await program(crm)
    event = await crm.make(
        "loyalty_event", program=currency["program_id"], starts_at=NOON + timedelta(days=1), capacity=1
    )
    reward = await crm.make("loyalty_reward", currency=currency, kind="TICKET", event=event)
    first, second = await member(crm, currency, 100), await member(crm, currency, 100)
    had, full = await purchase(crm, reward, first), await purchase(crm, reward, second)
    left = await available(crm, second)
    await asked(crm, REFUND, id=had["order"]["id"])

    assert ("FULFILLED", "FULL", 100) == (had["order"]["status"], word(full), left)
    assert "OK" == word(await purchase(crm, reward, second))
    assert "TOO_LARGE" == word(await purchase(crm, reward, first, n=2))
