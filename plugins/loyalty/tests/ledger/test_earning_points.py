"""Points come: when they can be spent, when they expire, and what is answered when they are told of once more."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from crmcore_loyalty import ledger
from crmcore_loyalty.events import LoyaltyPointsChanged
from crmcore_loyalty.ledger import Accrual, request
from ledger_stage import MONDAY, declined, run, stage

from crmcore import errors
from crmcore.testing import TestCrm


async def test_what_is_earned_can_be_spent(crm: TestCrm) -> None:
    """One lot, two entries that add up to zero, one event."""
    it = await stage(crm)
    done = await it.earn(100, reason="Welcome")

    assert {"available": 100, "accrued": 100} == await it.account()
    assert [("AVAILABLE", 100), ("ISSUED", -100)] == await it.entries(done["id"])
    (event,) = await crm.happened(LoyaltyPointsChanged)
    assert (it.ada, done["id"], "ACCRUAL", 100, 100) == (
        event.record_id,
        event.transaction_id,
        event.kind,
        event.points,
        event.available,
    )
    await it.check()


async def test_asked_twice_under_one_id_it_has_one_effect(crm: TestCrm) -> None:
    """The second time the first transaction is the answer; something else under that id is refused."""
    it, id = await stage(crm), uuid4()
    first = await it.earn(100, id=id)
    again = await it.earn(100, id=id)

    with pytest.raises(errors.KeyReused):
        await it.earn(101, id=id)

    assert (first["id"], first["recorded_at"], 100) == (again["id"], again["recorded_at"], await it.available())


async def test_what_waits_for_a_date_comes_by_itself(crm: TestCrm) -> None:
    """Points pend until the end of the day so many days on, in the program's zone; a sweep makes them active."""
    it = await stage(crm, pending_days=14)
    await it.earn(100)
    before = await it.account()
    crm.clock.set(datetime(2027, 3, 15, 22, 59, 59, tzinfo=UTC))
    early = await ledger.activate_due(crm)
    crm.clock.set(datetime(2027, 3, 15, 23, 0, 0, tzinfo=UTC))
    late = await ledger.activate_due(crm)

    assert ({"pending": 100, "accrued": 100}, 0, 1) == (before, early, late)
    assert {"available": 100, "accrued": 100} == await it.account()
    await it.check()


async def test_what_waits_for_an_event_is_activated_or_cancelled(crm: TestCrm) -> None:
    """Part of it may be cancelled; what is left can be activated, once."""
    it = await stage(crm)
    waiting = await it.earn(100, active_at=None)
    await run(crm, lambda work: ledger.cancel_pending(work, waiting["id"], 30))
    too_many = await declined(run(crm, lambda work: ledger.cancel_pending(work, waiting["id"], 71)))
    await run(crm, lambda work: ledger.activate(work, waiting["id"]))
    again = await declined(run(crm, lambda work: ledger.activate(work, waiting["id"])))

    assert ("MORE_THAN_LEFT", "NOTHING_PENDING") == (too_many, again)
    assert {"available": 70, "accrued": 70} == await it.account()
    await it.check()


async def test_what_was_earned_late_expires_by_when_it_was_earned(crm: TestCrm) -> None:
    """Business time counts: points for last month expire a month earlier."""
    it = await stage(crm, expiry="ROLLING", expiry_months=1)
    await it.earn(100, event_at=MONDAY - timedelta(days=28))
    crm.clock.set(MONDAY + timedelta(days=1))

    assert 1 == await ledger.expire_due(crm)
    assert {"accrued": 100, "expired": 100} == await it.account()


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (("loyalty_program", {"status": "DRAFT"}), "PROGRAM_NOT_ACTIVE"),
        (("loyalty_member", {"status": "FROZEN"}), "MEMBER_FROZEN"),
        (("loyalty_member", {"status": "CLOSED"}), "MEMBER_NOT_ACTIVE"),
    ],
)
async def test_who_may_not_earn_does_not(crm: TestCrm, change: tuple[str, dict[str, str]], code: str) -> None:
    """It is declined, the refusal is recorded under its id, and stays what it is when things have changed."""
    it, id = await stage(crm), uuid4()
    entity, values = change
    record = it.program_id if entity == "loyalty_program" else it.ada
    before = {"status": "ACTIVE"}
    await run(crm, lambda work: work.change(entity, record, values))
    first = await declined(it.earn(100, id=id))
    await run(crm, lambda work: work.change(entity, record, before))
    again = await declined(it.earn(100, id=id))
    (row,) = await run(crm, lambda work: work.find("loyalty_transaction", id=id))

    assert (code, code, "DECLINED", code) == (first, again, row["status"], row["reason_code"])
    assert {} == await it.account()


async def test_nothing_is_earned_before_it_happened(crm: TestCrm) -> None:
    """Clocks may differ by five minutes."""
    it = await stage(crm)
    await it.earn(1, event_at=MONDAY + timedelta(minutes=5))

    with pytest.raises(errors.Invalid, match="not happened yet"):
        await it.earn(1, event_at=MONDAY + timedelta(minutes=6))


@pytest.mark.parametrize("points", [0, -1])
async def test_points_are_more_than_none(crm: TestCrm, points: int) -> None:
    """Less than one is no earning."""
    it = await stage(crm)

    with pytest.raises(errors.Invalid, match="above 0"):
        await it.earn(points)


async def test_nothing_is_earned_before_1970(crm: TestCrm) -> None:
    """The year 1 has no day before it in zones west of Greenwich, so that no calendar could say when such points expire."""
    it = await stage(crm)
    await it.earn(1, event_at=datetime(1970, 1, 1, tzinfo=UTC))

    with pytest.raises(errors.Invalid) as refused:
        await it.earn(1, event_at=datetime(1, 1, 1, tzinfo=UTC))

    assert [("eventAt", "TOO_EARLY")] == [(one.path, one.code) for one in refused.value.violations]


async def test_points_expire_after_they_were_earned(crm: TestCrm) -> None:
    """An end that somebody gives is later than the event, be that long ago."""
    it, then = await stage(crm), MONDAY - timedelta(days=3)
    await it.earn(1, event_at=then, expires_at=then + timedelta(days=1))

    with pytest.raises(errors.Invalid) as refused:
        await it.earn(1, event_at=then, expires_at=then)

    assert [("expiresAt", "TOO_EARLY")] == [(one.path, one.code) for one in refused.value.violations]


async def test_points_are_whole_and_exact_beyond_53_bits(crm: TestCrm) -> None:
    """No float comes near them: 2^53 + 1 is kept as it is, and the API gives it as a text of digits."""
    it, many = await stage(crm), 2**53 + 1
    await it.earn(many)
    answer = await crm.execute("{ loyaltyAccounts { nodes { available } } }")

    assert (many, [{"available": str(many)}]) == (await it.available(), answer["data"]["loyaltyAccounts"]["nodes"])


@pytest.mark.parametrize("move", ["earn", "spend", "hold"])
async def test_one_transaction_moves_no_more_than_sums_can_bear(crm: TestCrm, move: str) -> None:
    """Ten thousand million millions are the most; of more it would take few to outgrow 64 bits."""
    it, most = await stage(crm), 10**16
    await it.earn(most)

    with pytest.raises(errors.Invalid) as refused:
        await getattr(it, move)(most + 1)

    assert [("points", "TOO_LARGE")] == [(one.path, one.code) for one in refused.value.violations]
    assert most == await it.available()


async def test_a_currency_of_another_program_is_refused(crm: TestCrm) -> None:
    """An account is a member in a currency of its own program."""
    it = await stage(crm)
    other = await crm.make("loyalty_currency")
    asked = Accrual(member_id=it.ada, currency_id=other["id"], points=1)

    with pytest.raises(errors.Invalid, match="no such currency"):
        await run(crm, lambda work: ledger.accrue(work, asked))


async def test_many_earn_at_once(crm: TestCrm) -> None:
    """As one after the other: two of one member, one told before, each with its own entries."""
    it = await stage(crm)
    bob, id = await it.member(), uuid4()
    before = await it.earn(5, id=id)
    asked = [
        Accrual(member_id=it.ada, currency_id=it.currency_id, points=10),
        Accrual(member_id=bob, currency_id=it.currency_id, points=20),
        Accrual(member_id=it.ada, currency_id=it.currency_id, points=30),
        Accrual(member_id=it.ada, currency_id=it.currency_id, points=5, id=id),
    ]
    rows = await run(crm, lambda work: ledger.accrue_many(work, asked))

    assert (45, 20, [10, 20, 30, 5], before["id"]) == (
        await it.available(),
        await it.available(bob),
        [row["points"] for row in rows],
        rows[-1]["id"],
    )
    await it.check()


async def test_of_many_one_that_is_declined_undoes_all_unless_they_are_partial(crm: TestCrm) -> None:
    """Partly, it is recorded among the others."""
    it = await stage(crm)
    bob = await it.member()
    await run(crm, lambda work: work.change("loyalty_member", bob, {"status": "FROZEN"}))
    asked = [Accrual(member_id=who, currency_id=it.currency_id, points=10) for who in (it.ada, bob)]
    code = await declined(run(crm, lambda work: ledger.accrue_many(work, asked)))
    nothing = await it.available()
    rows = await run(crm, lambda work: ledger.accrue_many(work, asked, partial=True))

    assert ("MEMBER_FROZEN", 0, 10) == (code, nothing, await it.available())
    assert ["POSTED", "DECLINED"] == [row["status"] for row in rows]


async def test_what_lapses_between_two_of_many_lapses(crm: TestCrm) -> None:
    """As it would between two that came one after the other, though neither was written when the second came."""
    it = await stage(crm, expiry="ACTIVITY", expiry_months=1)
    asked = [
        Accrual(member_id=it.ada, currency_id=it.currency_id, points=points, event_at=MONDAY - timedelta(days=days))
        for points, days in ((10, 100), (20, 0))
    ]
    await run(crm, lambda work: ledger.accrue_many(work, asked))

    assert {"available": 20, "accrued": 30, "expired": 10} == await it.account()
    await it.check()


async def test_very_many_earn_at_once(crm: TestCrm) -> None:
    """More than one statement writes; the member's note is of the latest, and each tells of itself."""
    it = await stage(crm)
    asked = [
        Accrual(
            member_id=it.ada, currency_id=it.currency_id, points=1, event_at=MONDAY - timedelta(hours=2 * (n % 300))
        )
        for n in range(600)
    ]
    rows = await run(crm, lambda work: ledger.accrue_many(work, asked))
    (member,) = await run(crm, lambda work: work.find("loyalty_member", id=it.ada))

    assert (600, 600, 600) == (len({row["id"] for row in rows}), await it.available(), len(await it.lots()))
    assert MONDAY == member["active_at"]
    assert 600 == len(await crm.happened(LoyaltyPointsChanged))
    await it.check()


async def test_each_of_many_tells_what_the_member_had_then(crm: TestCrm) -> None:
    """Not what it has after the last of them."""
    it = await stage(crm)
    asked = [Accrual(member_id=it.ada, currency_id=it.currency_id, points=points) for points in (10, 20, 30)]
    await run(crm, lambda work: ledger.accrue_many(work, asked))

    assert [(10, 10), (20, 30), (30, 60)] == [
        (one.points, one.available) for one in await crm.happened(LoyaltyPointsChanged)
    ]


async def test_of_many_an_id_that_was_declined_is_not_for_something_else(crm: TestCrm) -> None:
    """Nor is it for what comes with it."""
    it, id = await stage(crm), uuid4()
    await run(crm, lambda work: work.change("loyalty_member", it.ada, {"status": "FROZEN"}))
    asked = [Accrual(member_id=it.ada, currency_id=it.currency_id, points=points, id=id) for points in (10, 10, 20)]
    rows = await run(crm, lambda work: ledger.accrue_many(work, asked[:2], partial=True))

    assert [("DECLINED", id)] * 2 == [(row["status"], row["id"]) for row in rows]
    with pytest.raises(errors.KeyReused):
        await run(crm, lambda work: ledger.accrue_many(work, asked[1:], partial=True))


async def test_where_limits_look_many_are_declined_again_as_they_were(crm: TestCrm) -> None:
    """Partly, what was declined before is among the rest once more."""
    it = await stage(crm)
    await crm.make("loyalty_limit", currency_id=it.currency_id, metric="EARNED", hours=24, most=15, action="BLOCK")
    asked = [Accrual(member_id=it.ada, currency_id=it.currency_id, points=10, id=uuid4()) for _ in range(2)]
    told = [await run(crm, lambda work: ledger.accrue_many(work, asked, partial=True)) for _ in range(2)]

    assert [["POSTED", "DECLINED"]] * 2 == [[row["status"] for row in rows] for rows in told]
    assert 10 == await it.available()


async def test_of_very_many_the_last_that_is_declined_undoes_all(crm: TestCrm) -> None:
    """What was being written meanwhile too."""
    it = await stage(crm)
    bob = await it.member()
    await run(crm, lambda work: work.change("loyalty_member", bob, {"status": "FROZEN"}))
    asked = [Accrual(member_id=it.ada, currency_id=it.currency_id, points=1) for _ in range(300)]
    asked.append(Accrual(member_id=bob, currency_id=it.currency_id, points=1))
    code = await declined(run(crm, lambda work: ledger.accrue_many(work, asked)))

    assert ("MEMBER_FROZEN", 0) == (code, await it.available())


def test_fingerprints_stay_what_they_were() -> None:
    """Of what is asked as JSON, by which a request of an earlier version is known when it comes again."""
    asked = [
        "ACCRUAL",
        str(uuid4()),
        None,
        10**16,
        str(MONDAY),
        ("till", 'é "7"\n'),
        "<Policy>",
        True,
        1.5,
        [1, [2]],
        (),
    ]

    assert json.dumps(asked, default=str) == request._written(asked)


async def test_when_a_member_last_moved_is_noted_to_the_hour(crm: TestCrm) -> None:
    """The note is a row to write, so that minutes do not matter."""
    it = await stage(crm)
    await it.earn(1)
    crm.clock.move(minutes=50)
    await it.earn(1)
    soon = await run(crm, lambda work: work.get("loyalty_member", it.ada))
    crm.clock.move(minutes=20)
    await it.earn(1)
    later = await run(crm, lambda work: work.get("loyalty_member", it.ada))

    assert (MONDAY, MONDAY + timedelta(minutes=70)) == (soon["active_at"], later["active_at"])
