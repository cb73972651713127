"""Points go from member to member: given, merged, forfeited."""

from __future__ import annotations

from datetime import timedelta

import pytest
from crmcore_loyalty import ledger
from ledger_stage import MONDAY, declined, run, stage

from crmcore import errors
from crmcore.testing import TestCrm

DAY = timedelta(days=1)


async def test_given_points_keep_their_expiry(crm: TestCrm) -> None:
    """A lot of the taker's, with the same end and the day it was earned; the giver's is its origin."""
    it = await stage(crm, transferable=True)
    bob = await it.member()
    await it.earn(10, expires_at=MONDAY + DAY, event_at=MONDAY - DAY)
    await it.earn(10)
    await run(crm, lambda work: ledger.transfer(work, it.ada, bob, it.currency_id, 15))
    rows = await crm.database.fetch(
        "select earned_at, expires_at, remaining from loyalty_lot where member_id = $1 order by id", bob
    )

    assert [(MONDAY - DAY, MONDAY + DAY, 10), (MONDAY, None, 5)] == [tuple(row) for row in rows]
    assert (5, 15) == (await it.available(), await it.available(bob))
    await it.check()


async def test_points_are_given_where_the_currency_allows_it(crm: TestCrm) -> None:
    """And never more than there are, nor to oneself."""
    it = await stage(crm)
    bob = await it.member()
    await it.earn(10)
    kept = await declined(run(crm, lambda work: ledger.transfer(work, it.ada, bob, it.currency_id, 1)))
    await run(crm, lambda work: work.change("loyalty_currency", it.currency_id, {"transferable": True}))
    short = await declined(run(crm, lambda work: ledger.transfer(work, it.ada, bob, it.currency_id, 11)))

    assert ("NOT_TRANSFERABLE", "INSUFFICIENT_POINTS") == (kept, short)
    with pytest.raises(errors.Invalid, match="somebody else"):
        await run(crm, lambda work: ledger.transfer(work, it.ada, it.ada, it.currency_id, 1))


async def test_one_takes_back_what_is_left_of_ones_own(crm: TestCrm) -> None:
    """As when leaving a household's pool: only points that came from that member go."""
    it = await stage(crm, transferable=True)
    bob, pool = await it.member(), await it.member()
    await it.earn(10)
    await it.earn(10, bob)
    for giver in (it.ada, bob):
        await run(crm, lambda work, giver=giver: ledger.transfer(work, giver, pool, it.currency_id, 10))  # type: ignore[misc]
    code = await declined(
        run(crm, lambda work: ledger.transfer(work, pool, bob, it.currency_id, 11, origin_member_id=bob))
    )
    await run(crm, lambda work: ledger.transfer(work, pool, bob, it.currency_id, 10, origin_member_id=bob))

    assert ("INSUFFICIENT_POINTS", 10, 10) == (code, await it.available(pool), await it.available(bob))
    await it.check()


async def test_a_merged_member_goes_on_with_all_it_had(crm: TestCrm) -> None:
    """What can be spent, what is pending, what is set aside; holds are captured, accruals and redemptions undone there."""
    it = await stage(crm)
    bob = await it.member()
    earned = await it.earn(100)
    waiting = await it.earn(30, active_at=None)
    spent = await it.spend(20)
    hold = await it.hold(10)
    await it.earn(5, bob)
    await run(crm, lambda work: ledger.merge(work, it.ada, bob))
    merged, gone = await it.account(bob), await it.account()
    await run(crm, lambda work: ledger.capture(work, hold, 7))
    await run(crm, lambda work: ledger.activate(work, waiting["id"]))
    await it.reverse(spent["id"])
    await it.reverse(earned["id"], 50)

    assert {} == gone
    assert {"available": 75, "pending": 30, "held": 10, "accrued": 135, "redeemed": 20} == merged
    assert {"available": 78 + 30 + 20 - 50, "accrued": 85, "redeemed": 7} == await it.account(bob)
    assert "MEMBER_NOT_ACTIVE" == await declined(it.earn(1))
    await it.check()


async def test_debts_are_merged_and_paid(crm: TestCrm) -> None:
    """Whoever had them."""
    it = await stage(crm, floor=-100)
    bob = await it.member()
    earned = await it.earn(60)
    await it.spend(60)
    await it.reverse(earned["id"])
    await it.earn(100, bob)
    await run(crm, lambda work: ledger.merge(work, it.ada, bob))

    assert {"available": 40, "accrued": 100, "redeemed": 60} == await it.account(bob)
    await it.check()


async def test_merging_twice_changes_nothing_more(crm: TestCrm) -> None:
    """And who has left cannot go on as another."""
    it = await stage(crm)
    bob, eve = await it.member(), await it.member()
    await it.earn(10)
    await run(crm, lambda work: ledger.merge(work, it.ada, bob))
    again = await run(crm, lambda work: ledger.merge(work, it.ada, bob))

    assert ([], 10) == (again, await it.available(bob))
    with pytest.raises(errors.Invalid, match="has left"):
        await run(crm, lambda work: ledger.merge(work, it.ada, eve))


async def test_who_leaves_leaves_all(crm: TestCrm) -> None:
    """Pending and held points too; nothing comes afterwards."""
    it = await stage(crm)
    await it.earn(100)
    await it.earn(30, active_at=None)
    hold = await it.hold(10)
    await run(crm, lambda work: ledger.forfeit(work, it.ada))

    assert {"accrued": 130, "expired": 130} == await it.account()
    assert ["MEMBER_NOT_ACTIVE", "HOLD_NOT_OPEN"] == [
        await declined(it.earn(1)),
        await declined(run(crm, lambda work: ledger.void(work, hold))),
    ]
    await it.check()


async def test_debts_are_forgiven_to_who_leaves(crm: TestCrm) -> None:
    """Our account of what expired bears them."""
    it = await stage(crm, floor=-100)
    earned = await it.earn(60)
    await it.spend(60)
    await it.reverse(earned["id"])
    (done,) = await run(crm, lambda work: ledger.forfeit(work, it.ada))

    assert [("AVAILABLE", 60), ("EXPIRED", -60)] == await it.entries(done["id"])
    assert {"redeemed": 60} == await it.account()
    await it.check()
