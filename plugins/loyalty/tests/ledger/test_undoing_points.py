"""Transactions are undone: to the same lots, with their expiry, never more than there was."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from crmcore_loyalty import ledger
from ledger_stage import MONDAY, Stage, declined, run, stage

from crmcore import errors
from crmcore.testing import TestCrm

DAY = timedelta(days=1)


async def trace(it: Stage, id: Any) -> Any:
    """Return the trace of a transaction."""
    (row,) = await run(it.crm, lambda work: work.find("loyalty_transaction", id=id))
    return row["trace"]


async def test_what_was_spent_comes_back_where_it_came_from(crm: TestCrm) -> None:
    """In the order it was taken, part by part, with the expiry that the lots have."""
    it = await stage(crm)
    await it.earn(10, expires_at=MONDAY + 5 * DAY)
    await it.earn(10, expires_at=MONDAY + 9 * DAY)
    spent = await it.spend(16)
    await it.reverse(spent["id"], 12)
    part = await it.lots()
    await it.reverse(spent["id"])

    assert ([(10, 0, 0), (6, 0, 0)], [(10, 0, 0), (10, 0, 0)]) == (part, await it.lots())
    assert {"available": 20, "accrued": 20} == await it.account()
    await it.check()


async def test_no_more_is_undone_than_was_done(crm: TestCrm) -> None:
    """Part by part, and not once more."""
    it = await stage(crm)
    await it.earn(10)
    spent = await it.spend(10)
    await it.reverse(spent["id"], 4)
    too_many = await declined(it.reverse(spent["id"], 7))
    await it.reverse(spent["id"], 6)
    again = await declined(it.reverse(spent["id"]))

    assert ("MORE_THAN_LEFT", "ALREADY_REVERSED", 10) == (too_many, again, await it.available())
    await it.check()


async def test_what_expired_meanwhile_expires_again(crm: TestCrm) -> None:
    """It goes back to its lot, whose end nobody changes, and the next sweep takes it."""
    it = await stage(crm)
    await it.earn(10, expires_at=MONDAY + DAY)
    spent = await it.spend(10)
    crm.clock.move(days=2)
    await it.reverse(spent["id"])
    usable = await declined(it.spend(1))
    await ledger.expire_due(crm)

    assert "INSUFFICIENT_POINTS" == usable
    assert {"accrued": 10, "expired": 10} == await it.account()
    await it.check()


async def test_or_lives_on_for_the_days_the_currency_gives(crm: TestCrm) -> None:
    """In a lot of its own, which knows the one it was part of; part by part counts for that one."""
    it = await stage(crm, restore_days=7)
    await it.earn(10, expires_at=MONDAY + DAY)
    spent = await it.spend(10)
    crm.clock.move(days=2)
    await it.reverse(spent["id"], 4)
    await it.reverse(spent["id"], 6)
    again = await declined(it.reverse(spent["id"]))
    await it.spend(10)
    sql = "select count(*) from loyalty_lot where origin_id is not null and expires_at = $1"

    assert ("ALREADY_REVERSED", 2) == (again, await crm.database.fetch_value(sql, MONDAY + 9 * DAY))
    await it.check()


async def test_a_capture_is_undone_like_a_redemption(crm: TestCrm) -> None:
    """What it gave back itself is not given back once more."""
    it = await stage(crm)
    await it.earn(10)
    hold = await it.hold(8)
    captured = await run(crm, lambda work: ledger.capture(work, hold, 5))
    await it.reverse(captured["id"])

    assert {"available": 10, "accrued": 10} == await it.account()
    assert "ALREADY_REVERSED" == await declined(it.reverse(captured["id"]))
    await it.check()


async def test_a_refund_takes_back_what_was_earned(crm: TestCrm) -> None:
    """From its own lot first, whatever expires before it, so that nobody keeps points of what was returned."""
    it = await stage(crm)
    await it.earn(10, expires_at=MONDAY + DAY)
    earned = await it.earn(10, expires_at=MONDAY + 9 * DAY)
    await it.reverse(earned["id"], 4)

    assert [(10, 0, 0), (6, 0, 0)] == await it.lots()
    assert {"available": 16, "accrued": 16} == await it.account()
    await it.check()


async def test_pending_points_are_taken_back_first(crm: TestCrm) -> None:
    """Nobody had them yet."""
    it = await stage(crm)
    await it.earn(10)
    waiting = await it.earn(10, active_at=None)
    await it.reverse(waiting["id"])

    assert {"available": 10, "accrued": 10} == await it.account()
    await it.check()


async def test_what_was_spent_meanwhile_is_owed(crm: TestCrm) -> None:
    """Down to the floor; the next points pay it at once."""
    it = await stage(crm, floor=-100)
    earned = await it.earn(100)
    await it.earn(10)
    await it.spend(90)
    await it.reverse(earned["id"])
    owing = await it.account()
    await it.earn(100)

    assert {"available": -80, "owed": 80, "accrued": 10, "redeemed": 90} == owing
    assert {"available": 20, "accrued": 110, "redeemed": 90} == await it.account()
    assert [(0, 0, 0), (0, 0, 0), (20, 0, 0)] == await it.lots()
    await it.check()


async def test_below_the_floor_nothing_is_taken_and_it_is_said(crm: TestCrm) -> None:
    """The trace has how much; a transaction that could take nothing has entries of nothing."""
    it = await stage(crm)
    first, second = await it.earn(100), await it.earn(10)
    await it.spend(70)
    part = await it.reverse(first["id"])
    none = await it.reverse(second["id"])

    assert ({"not_taken": 60}, {"not_taken": 10}) == (await trace(it, part["id"]), await trace(it, none["id"]))
    assert [("AVAILABLE", 0), ("ISSUED", 0)] == await it.entries(none["id"])
    assert {"accrued": 70, "redeemed": 70} == await it.account()
    await it.check()


async def test_who_owes_spends_nothing(crm: TestCrm) -> None:
    """Points that come back pay first, too."""
    it = await stage(crm, floor=-100)
    earned = await it.earn(100)
    spent = await it.spend(100)
    await it.reverse(earned["id"])
    broke = await declined(it.spend(1))
    await it.reverse(spent["id"], 30)

    assert "INSUFFICIENT_POINTS" == broke
    assert {"available": -70, "owed": 70, "redeemed": 70} == await it.account()
    await it.check()


@pytest.mark.parametrize("points", [25, -25])
async def test_an_adjustment_is_undone(crm: TestCrm, points: int) -> None:
    """Up or down, by the account it went by."""
    it = await stage(crm)
    await it.earn(100)
    done = await run(crm, lambda work: ledger.adjust(work, it.ada, it.currency_id, points, "Counted anew."))
    between = await it.available()
    back = await it.reverse(done["id"])

    assert (100 + points, 100) == (between, await it.available())
    assert [("AVAILABLE", -points), ("ADJUSTED", points)] == await it.entries(back["id"])
    await it.check()


@pytest.mark.parametrize("points", [10**16 + 1, -(10**16) - 1])
async def test_an_adjustment_moves_no_more_than_sums_can_bear(crm: TestCrm, points: int) -> None:
    """Neither up nor down."""
    it = await stage(crm)

    with pytest.raises(errors.Invalid) as refused:
        await run(crm, lambda work: ledger.adjust(work, it.ada, it.currency_id, points, "Counted anew."))

    assert [("points", "TOO_LARGE")] == [(one.path, one.code) for one in refused.value.violations]


async def test_an_adjustment_has_a_reason_and_does_not_go_below_nothing(crm: TestCrm) -> None:
    """Who corrects says why."""
    it = await stage(crm)
    await it.earn(10)

    with pytest.raises(errors.Invalid, match="Say why"):
        await run(crm, lambda work: ledger.adjust(work, it.ada, it.currency_id, 1, " "))
    code = await declined(run(crm, lambda work: ledger.adjust(work, it.ada, it.currency_id, -11, "Too many.")))
    assert ("INSUFFICIENT_POINTS", 10) == (code, await it.available())


async def test_a_reversal_is_not_reversed(crm: TestCrm) -> None:
    """Nor what is free again, expired or given away."""
    it = await stage(crm)
    earned = await it.earn(10)
    undone = await it.reverse(earned["id"])

    with pytest.raises(errors.Invalid, match="REVERSAL is not reversed"):
        await it.reverse(undone["id"])
