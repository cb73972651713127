"""Points go: in which order, at which time, set aside and captured, and never more than there are."""

from __future__ import annotations

from datetime import timedelta
from uuid import uuid4

import pytest
from crmcore_loyalty import ledger
from ledger_stage import MONDAY, declined, run, stage

from crmcore import errors
from crmcore.testing import TestCrm

DAY = timedelta(days=1)


async def test_what_expires_first_is_spent_first(crm: TestCrm) -> None:
    """Whenever it came; what never expires comes last."""
    it = await stage(crm)
    for expires_at in (None, MONDAY + 9 * DAY, MONDAY + 3 * DAY):
        await it.earn(10, expires_at=expires_at)
    await it.spend(15)

    assert [(10, 0, 0), (5, 0, 0), (0, 0, 0)] == await it.lots()
    assert {"available": 15, "accrued": 30, "redeemed": 15} == await it.account()
    await it.check()


async def test_nobody_spends_more_than_there_is(crm: TestCrm) -> None:
    """The refusal is kept under its id, and stays what it is when points have come since."""
    it, id = await stage(crm), uuid4()
    await it.earn(10)
    first = await declined(it.spend(11, id=id))
    await it.earn(10)
    again = await declined(it.spend(11, id=id))
    other = await declined(it.spend(11))

    assert ("INSUFFICIENT_POINTS", "INSUFFICIENT_POINTS", None, 9) == (first, again, other, await it.available())
    await it.check()


async def test_at_its_very_instant_a_lot_has_expired(crm: TestCrm) -> None:
    """It can be spent until then, and by when it is told does not matter: when it happened does."""
    it, end = await stage(crm), MONDAY + DAY
    await it.earn(10, expires_at=end)
    crm.clock.set(end + DAY)
    at_the_end = await declined(it.spend(1, event_at=end))
    before = await declined(it.spend(1, event_at=end - timedelta(microseconds=1)))

    assert ("INSUFFICIENT_POINTS", None) == (at_the_end, before)


async def test_what_happened_too_long_ago_is_declined(crm: TestCrm) -> None:
    """After thirty days, or what the setting says."""
    it = await stage(crm)
    await it.earn(10)
    crm.clock.move(days=31)

    assert (None, "TOO_LATE") == (
        await declined(it.spend(1, event_at=crm.clock.now() - 30 * DAY)),
        await declined(it.spend(1, event_at=crm.clock.now() - 31 * DAY)),
    )


async def test_points_for_tiers_are_not_spent(crm: TestCrm) -> None:
    """They qualify only."""
    it = await stage(crm, kind="QUALIFYING")
    await it.earn(10)

    assert "CURRENCY_NOT_REDEEMABLE" == await declined(it.spend(1))


async def test_expired_points_leave_nothing_behind_and_lose_nothing(crm: TestCrm) -> None:
    """What expires is what is left of a lot, never the difference to a balance: spent before, it does not go twice."""
    it = await stage(crm)
    await it.earn(100, expires_at=MONDAY + DAY)
    await it.earn(50)
    await it.spend(80)
    crm.clock.move(days=1)
    first, again = await ledger.expire_due(crm), await ledger.expire_due(crm)

    assert (1, 0) == (first, again)
    assert {"available": 50, "accrued": 150, "redeemed": 80, "expired": 20} == await it.account()
    await it.check()


async def test_pending_points_expire_too(crm: TestCrm) -> None:
    """A lot has one end, whether its points were ever active or not."""
    it = await stage(crm)
    await it.earn(10, active_at=None, expires_at=MONDAY + DAY)
    crm.clock.move(days=1)
    await ledger.expire_due(crm)

    assert {"accrued": 10, "expired": 10} == await it.account()
    await it.check()


async def test_a_hold_is_captured_in_part(crm: TestCrm) -> None:
    """The rest is free again, in the lots it came from."""
    it = await stage(crm)
    await it.earn(10, expires_at=MONDAY + DAY)
    await it.earn(10)
    hold = await it.hold(15)
    while_held = await it.account()
    done = await run(crm, lambda work: ledger.capture(work, hold, 12))

    assert {"available": 5, "held": 15, "accrued": 20} == while_held
    assert {"available": 8, "accrued": 20, "redeemed": 12} == await it.account()
    assert [(0, 0, 0), (8, 0, 0)] == await it.lots()
    assert [("AVAILABLE", 3), ("HELD", -15), ("REDEEMED", 12)] == await it.entries(done["id"])
    await it.check()


async def test_a_hold_ends_once(crm: TestCrm) -> None:
    """Captured, voided or expired: what comes after is declined."""
    it = await stage(crm)
    await it.earn(30)
    captured, voided, expired = [await it.hold(10) for _ in range(3)]
    await run(crm, lambda work: ledger.capture(work, captured))
    await run(crm, lambda work: ledger.void(work, voided))
    crm.clock.move(hours=1)
    unswept = await declined(run(crm, lambda work: ledger.capture(work, expired)))
    await ledger.release_due(crm)
    codes = [
        await declined(run(crm, lambda work, hold=hold, end=end: end(work, hold)))  # type: ignore[misc]
        for hold in (captured, voided, expired)
        for end in (ledger.capture, ledger.void)
    ]

    assert ("HOLD_EXPIRED", ["HOLD_NOT_OPEN"] * 6) == (unswept, codes)
    assert {"available": 20, "accrued": 30, "redeemed": 10} == await it.account()
    await it.check()


async def test_no_more_is_captured_than_was_set_aside(crm: TestCrm) -> None:
    """However much the member has."""
    it = await stage(crm)
    await it.earn(30)
    hold = await it.hold(10)

    assert "MORE_THAN_LEFT" == await declined(run(crm, lambda work: ledger.capture(work, hold, 11)))
    assert {"available": 20, "held": 10, "accrued": 30} == await it.account()


async def test_what_is_set_aside_does_not_expire_until_it_is_free(crm: TestCrm) -> None:
    """Then the next sweep takes it."""
    it = await stage(crm)
    await it.earn(10, expires_at=MONDAY + DAY)
    hold = await it.hold(10, expires_at=MONDAY + 9 * DAY)
    crm.clock.move(days=2)
    while_held = await ledger.expire_due(crm)
    await run(crm, lambda work: ledger.void(work, hold))
    after = await ledger.expire_due(crm)

    assert (0, 1) == (while_held, after)
    assert {"accrued": 10, "expired": 10} == await it.account()
    await it.check()


async def test_a_capture_told_twice_has_one_effect(crm: TestCrm) -> None:
    """With one id; its hold is over the second time, which is no reason to decline what was done."""
    it, id = await stage(crm), uuid4()
    await it.earn(10)
    hold = await it.hold(10)
    first = await run(crm, lambda work: ledger.capture(work, hold, 4, id=id))
    again = await run(crm, lambda work: ledger.capture(work, hold, 4, id=id))

    assert (first["id"], {"available": 6, "accrued": 10, "redeemed": 4}) == (again["id"], await it.account())


async def test_points_idle_for_too_long_expire_together(crm: TestCrm) -> None:
    """By activity: earning or redeeming keeps all of them alive, and what comes after is new."""
    it = await stage(crm, expiry="ACTIVITY", expiry_months=12)
    await it.earn(100)
    crm.clock.move(days=300)
    await it.spend(10)
    crm.clock.move(days=300)
    alive = await ledger.expire_due(crm)
    crm.clock.move(days=100)
    await it.earn(5)
    swept = await ledger.expire_due(crm)

    assert (0, 0) == (alive, swept)
    assert {"available": 5, "accrued": 105, "redeemed": 10, "expired": 90} == await it.account()
    crm.clock.move(days=400)
    assert 1 == await ledger.expire_due(crm)
    assert {"accrued": 105, "redeemed": 10, "expired": 95} == await it.account()
    await it.check()


async def test_who_may_not_see_the_member_moves_nothing(crm: TestCrm) -> None:
    """The right to redeem is one thing, reach of the member the other."""
    it = await stage(crm)
    await it.earn(10)
    stranger = await crm.actor("sales")

    with pytest.raises(errors.NotFound):
        asked = ledger.Redemption(member_id=it.ada, currency_id=it.currency_id, points=1)
        await crm.run(stranger, lambda work: ledger.redeem(work, asked), isolation="read committed")
