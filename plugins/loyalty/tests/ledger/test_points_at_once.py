"""Many at the same points at the same moment: what other systems get wrong, each known from a report of theirs."""

from __future__ import annotations

import asyncio
from collections import Counter
from uuid import uuid4

from crmcore_loyalty import ledger
from ledger_stage import declined, run, stage

from crmcore.testing import TestCrm


async def test_twenty_gifts_of_the_same_points_give_them_once(crm: TestCrm) -> None:
    """Elsewhere (fuint, issue 71) twenty concurrent gifts from 100 points made 2,000."""
    it = await stage(crm, transferable=True)
    bob = await it.member()
    await it.earn(100)
    codes = await asyncio.gather(
        *(declined(run(crm, lambda work: ledger.transfer(work, it.ada, bob, it.currency_id, 100))) for _ in range(20))
    )

    assert {None: 1, "INSUFFICIENT_POINTS": 19} == Counter(codes)
    assert (0, 100) == (await it.available(), await it.available(bob))
    await it.check()


async def test_gifts_to_and_fro_do_not_lock_each_other_out(crm: TestCrm) -> None:
    """Both accounts are locked in one order, whoever gives."""
    it = await stage(crm, transferable=True)
    bob = await it.member()
    await it.earn(100)
    await it.earn(100, bob)
    ways = [(it.ada, bob), (bob, it.ada)] * 10
    codes = await asyncio.gather(
        *(
            declined(run(crm, lambda work, a=a, b=b: ledger.transfer(work, a, b, it.currency_id, 5)))  # type: ignore[misc]
            for a, b in ways
        )
    )

    assert ({None: 20}, 100, 100) == (Counter(codes), await it.available(), await it.available(bob))
    await it.check()


async def test_one_hold_is_captured_in_one_of_two_checkouts(crm: TestCrm) -> None:
    """Elsewhere (Medusa, pull request 16347) a gift card was redeemed in two concurrent checkouts."""
    it = await stage(crm)
    await it.earn(100)
    hold = await it.hold(100)
    codes = await asyncio.gather(
        *(declined(run(crm, lambda work: ledger.capture(work, hold))) for _ in range(2)),
        declined(run(crm, lambda work: ledger.void(work, hold))),
    )

    assert {None: 1, "HOLD_NOT_OPEN": 2} == Counter(codes)
    await it.check()


async def test_twenty_redemptions_take_no_more_than_there_is(crm: TestCrm) -> None:
    """Each reads the lots after it has the account, so none is taken twice."""
    it = await stage(crm)
    for _ in range(3):
        await it.earn(10)
    codes = await asyncio.gather(*(declined(it.spend(4)) for _ in range(20)))

    assert ({None: 7, "INSUFFICIENT_POINTS": 13}, 2) == (Counter(codes), await it.available())
    await it.check()


async def test_the_same_request_at_once_has_one_effect(crm: TestCrm) -> None:
    """Delivered ten times, it is answered ten times with the same transaction; a refusal with the same refusal."""
    it, id, refused = await stage(crm), uuid4(), uuid4()
    rows = await asyncio.gather(*(it.earn(10, id=id) for _ in range(10)))
    codes = await asyncio.gather(*(declined(it.spend(99, id=refused)) for _ in range(10)))
    hold = uuid4()
    holds = await asyncio.gather(*(it.hold(1, id=hold) for _ in range(5)))

    assert ({id}, {"INSUFFICIENT_POINTS"}, {hold}) == ({row["id"] for row in rows}, set(codes), set(holds))
    assert {"available": 9, "held": 1, "accrued": 10} == await it.account()
    await it.check()


async def test_nothing_comes_to_a_member_who_is_just_merged(crm: TestCrm) -> None:
    """What is earned meanwhile is merged too, or declined; no point stays behind."""
    it = await stage(crm)
    bob = await it.member()
    await it.earn(1)
    outcomes = await asyncio.gather(
        *(declined(it.earn(10)) for _ in range(5)),
        run(crm, lambda work: ledger.merge(work, it.ada, bob)),
        *(declined(it.earn(10)) for _ in range(5)),
    )
    earned = Counter(outcome for outcome in outcomes if not isinstance(outcome, list))

    assert set(earned) <= {None, "MEMBER_NOT_ACTIVE"}
    assert (0, 1 + 10 * earned[None]) == (await it.available(), await it.available(bob))
    await it.check()


async def test_one_transaction_is_undone_once_however_many_ask(crm: TestCrm) -> None:
    """Elsewhere a reversal without a unique reference gave points back twice."""
    it = await stage(crm)
    await it.earn(10)
    spent = await it.spend(10)
    codes = await asyncio.gather(*(declined(it.reverse(spent["id"])) for _ in range(5)))

    assert ({None: 1, "ALREADY_REVERSED": 4}, 10) == (Counter(codes), await it.available())
    await it.check()
