"""Rewards are taken: points and piece go together, and nobody gets what is not there."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from uuid import uuid4

import pytest
from crmcore_loyalty import ledger
from rewards_stage import FULFIL, PAY, REFUND, asked, available, member, program, purchase, taken, word

from crmcore import ids
from crmcore.testing import TestCrm

NOON = datetime(2027, 3, 1, 12, tzinfo=UTC)


async def test_points_and_piece_go_together(crm: TestCrm) -> None:
    """A reward is paid for at once and handed over later, both said on the order."""
    currency = await program(crm)
    reward, buyer = await crm.make("loyalty_reward", currency=currency, stock=3), await member(crm, currency, 250)
    done = await purchase(crm, reward, buyer, n=2)
    sent, again = [await asked(crm, FULFIL, id=done["order"]["id"]) for _ in "12"]

    assert ("PLACED", "200", {"kind": "REDEMPTION", "points": "200"}) == (
        done["order"]["status"],
        done["order"]["points"],
        done["order"]["transaction"],
    )
    assert (50, 2) == (await available(crm, buyer), await taken(crm))
    assert ("FULFILLED", "DHL-7", sent) == (sent["status"], sent["reference"], again)


async def test_the_last_piece_is_had_once(crm: TestCrm) -> None:
    """Twenty who want one of five at one moment: five have it, and no other has lost a point."""
    currency = await program(crm)
    reward = await crm.make("loyalty_reward", currency=currency, stock=5)
    buyers = [await member(crm, currency, 100) for _ in range(20)]
    outcomes = await asyncio.gather(*(purchase(crm, reward, buyer) for buyer in buyers))
    left = [await available(crm, buyer) for buyer in buyers]

    assert ["OK"] * 5 + ["OUT_OF_STOCK"] * 15 == sorted(map(word, outcomes))
    assert [0 if word(outcome) == "OK" else 100 for outcome in outcomes] == left
    assert 5 == await taken(crm)


async def test_who_lacks_points_takes_no_piece(crm: TestCrm) -> None:
    """The refusal is kept by the ledger, and nothing else is."""
    currency = await program(crm)
    reward, buyer = await crm.make("loyalty_reward", currency=currency, stock=1), await member(crm, currency, 99)
    refused = await purchase(crm, reward, buyer)
    kept = await crm.database.fetch("select kind, status from loyalty_transaction where kind <> 'ACCRUAL'")

    assert ("DECLINED", "INSUFFICIENT_POINTS") == (refused["code"], word(refused))
    assert (99, 0, [("REDEMPTION", "DECLINED")]) == (await available(crm, buyer), await taken(crm), kept)


async def test_a_member_has_no_more_than_their_share(crm: TestCrm) -> None:
    """Six orders at one moment, where two are allowed; one that is given back frees a place."""
    currency = await program(crm)
    reward, buyer = await crm.make("loyalty_reward", currency=currency, per_member=2), await member(crm, currency, 900)
    outcomes = await asyncio.gather(*(purchase(crm, reward, buyer) for _ in range(6)))
    had = next(outcome for outcome in outcomes if word(outcome) == "OK")
    await asked(crm, REFUND, id=had["order"]["id"])

    assert ["LIMIT_EXCEEDED"] * 4 + ["OK"] * 2 == sorted(map(word, outcomes))
    assert (800, "OK", 700) == (
        await available(crm, buyer),
        word(await purchase(crm, reward, buyer)),
        await available(crm, buyer),
    )


@pytest.mark.parametrize("points", [100, 0])
async def test_the_same_order_twice_has_one_effect(crm: TestCrm, points: int) -> None:
    """By the id that the client chose, at one moment too; with another quantity it is another order."""
    currency = await program(crm)
    reward, buyer = await crm.make("loyalty_reward", currency=currency, points=points), await member(crm, currency, 500)
    id = ids.encode("loyalty_reward_purchase", uuid4())
    outcomes = await asyncio.gather(*(purchase(crm, reward, buyer, id=id) for _ in range(4)))
    other = await purchase(crm, reward, buyer, id=id, n=2)

    assert [id] * 4 == [outcome["order"]["id"] for outcome in outcomes]
    assert ("IDEMPOTENCY_KEY_REUSED", 500 - points, 1) == (other["code"], await available(crm, buyer), await taken(crm))


async def test_points_plus_money_are_set_aside_until_it_is_paid(crm: TestCrm) -> None:
    """Then the points are spent, once."""
    currency = await program(crm)
    reward = await crm.make("loyalty_reward", currency=currency, stock=1, cash=1500)
    buyer = await member(crm, currency, 150)
    ordered = await purchase(crm, reward, buyer)
    aside = await available(crm, buyer)
    paid, again = [await asked(crm, PAY, id=ordered["order"]["id"]) for _ in "12"]
    held = await crm.database.fetch_value("select held from loyalty_account where member_id = $1", buyer["id"])

    assert ("RESERVED", "15.00", 50) == (ordered["order"]["status"], ordered["order"]["cash"]["amount"], aside)
    assert ("PLACED", "CAPTURE", "P-1") == (
        paid["order"]["status"],
        paid["order"]["transaction"]["kind"],
        paid["order"]["reference"],
    )
    assert (paid, 0, 50) == (again, held, await available(crm, buyer))


async def test_what_is_not_paid_in_time_is_offered_again(crm: TestCrm) -> None:
    """When the points are free again the piece is, and it is too late to pay."""
    crm.clock.set(NOON)
    currency = await program(crm)
    reward = await crm.make("loyalty_reward", currency=currency, stock=1, cash=1500)
    buyer = await member(crm, currency, 100)
    ordered = await purchase(crm, reward, buyer)
    crm.clock.move(hours=2)
    late = await asked(crm, PAY, id=ordered["order"]["id"])
    await ledger.release_due(crm, crm.clock.now())
    await crm.work_off()
    after = await asked(crm, PAY, id=ordered["order"]["id"])
    shown = await asked(crm, "{ loyaltyRewardPurchases { nodes { status endedAt } } }")

    assert ["HOLD_EXPIRED", "HOLD_NOT_OPEN"] == [word(late), word(after)]
    assert [{"status": "LAPSED", "endedAt": "2027-03-01T14:00:00.000000Z"}] == shown["nodes"]
    assert (100, 0) == (await available(crm, buyer), await taken(crm))
