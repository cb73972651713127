"""Postings that are handed in at the same time are posted together, and nobody can tell but by the clock."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from crmcore_loyalty import ledger
from crmcore_loyalty.events import LoyaltyPointsChanged
from crmcore_loyalty.ledger import Accrual, Desk, Redemption, desk
from crmcore_loyalty.ledger.together import Posting, post_together
from ledger_stage import MONDAY, Stage, declined, run, stage

from crmcore import Actor, Once, Work, errors
from crmcore.testing import TestCrm

_TILL = Actor.system("till")


class _Runs(list[str]):
    """Who ran a unit of work, each time; and when one has begun."""

    def __init__(self) -> None:
        super().__init__()
        self.begun = asyncio.Event()

    def clear(self) -> None:
        """Begin anew."""
        super().clear()
        self.begun.clear()


@pytest.fixture
def runs(crm: TestCrm, monkeypatch: pytest.MonkeyPatch) -> _Runs:
    """See `_Runs`."""
    found, real = _Runs(), crm.run

    def counted(actor: Actor, unit: Callable[[Work], Awaitable[Any]], **more: Any) -> Awaitable[Any]:
        found.append(actor.label)
        found.begun.set()
        return real(actor, unit, **more)

    monkeypatch.setattr(crm, "run", counted)
    return found


async def _stage(crm: TestCrm, *, others: int = 0) -> tuple[Stage, list[UUID]]:
    """Make members whose accounts are open, as those who enrol have; the first is Ada."""
    it = await stage(crm)
    members = [it.ada, *[await it.member() for _ in range(others)]]
    for who in members:
        await run(crm, lambda work, who=who: ledger.open_accounts(work, who))  # type: ignore[misc]
    return it, members


def _earned(it: Stage, points: int, who: UUID | None = None, **more: Any) -> Accrual:
    return Accrual(member_id=who or it.ada, currency_id=it.currency_id, points=points, **more)


def _spent(it: Stage, points: int, who: UUID | None = None, **more: Any) -> Redemption:
    return Redemption(member_id=who or it.ada, currency_id=it.currency_id, points=points, **more)


async def test_what_comes_at_once_is_one_unit_of_work(crm: TestCrm, runs: _Runs) -> None:
    """Twenty callers, one of whom spends what the others have just earned; each gets its own transaction."""
    it, (_, bob) = await _stage(crm, others=1)
    runs.clear()
    async with Desk(crm) as counter:
        rows = await asyncio.gather(
            *(counter.accrue(_TILL, _earned(it, 1, who)) for who in (it.ada, bob) * 10),
            counter.redeem(_TILL, _spent(it, 7)),
        )

    assert (["till"], 21) == (runs, len({row["id"] for row in rows}))
    assert (3, 10) == (await it.available(), await it.available(bob))
    assert 21 == len(await crm.happened(LoyaltyPointsChanged))
    await it.check()


async def test_what_comes_alone_is_posted_at_once_and_what_comes_meanwhile_next(crm: TestCrm, runs: _Runs) -> None:
    """Nothing waits for more to come, and nothing is posted beside what is being posted for the same actor."""
    it, _ = await _stage(crm)
    runs.clear()
    async with Desk(crm) as counter:
        first = asyncio.create_task(counter.accrue(_TILL, _earned(it, 1)))
        await runs.begun.wait()
        rest = [counter.accrue(_TILL, _earned(it, 1)) for _ in range(5)]
        await asyncio.gather(first, *rest)

    assert (["till", "till"], 6) == (runs, await it.available())


async def test_one_with_a_key_is_posted_by_the_desk_too(crm: TestCrm, runs: _Runs) -> None:
    """Left to who handed it in, it would leave the desk idle, and nothing would ever come meanwhile."""
    it, _ = await _stage(crm)
    runs.clear()
    asked = [Posting(_TILL, _earned(it, 1, id=uuid4()), once=_once(_TILL, f"k{n}")) for n in range(6)]
    async with Desk(crm) as counter, asyncio.timeout(10):
        first = asyncio.create_task(counter.hand_in(asked[0]))
        await runs.begun.wait()
        rows = await asyncio.gather(first, *(counter.hand_in(one) for one in asked[1:]))

    assert ([one.asked.id for one in asked], ["till", "till"]) == ([row and row["id"] for row in rows], runs)


async def test_a_group_is_no_larger_than_it_may_be(crm: TestCrm, runs: _Runs) -> None:
    """The rest is the next one."""
    it, _ = await _stage(crm)
    runs.clear()
    async with Desk(crm, largest=4) as counter:
        await asyncio.gather(*(counter.accrue(_TILL, _earned(it, 1)) for _ in range(10)))

    assert (3, 10) == (len(runs), await it.available())


async def test_each_of_a_group_has_its_own_outcome(crm: TestCrm, runs: _Runs) -> None:
    """What cannot be had, is wrong or was there before stands against nobody else; refusals are kept under their ids."""
    (it, (_, frozen)), told, refused = await _stage(crm, others=1), uuid4(), uuid4()
    await run(crm, lambda work: work.change("loyalty_member", frozen, {"status": "FROZEN"}))
    before = await it.earn(5, id=told)
    runs.clear()
    async with Desk(crm) as counter:
        outcomes = await asyncio.gather(
            counter.accrue(_TILL, _earned(it, 10)),
            counter.redeem(_TILL, _spent(it, 99, id=refused)),
            counter.accrue(_TILL, _earned(it, 5, id=told)),
            counter.accrue(_TILL, _earned(it, 6, id=told)),
            counter.accrue(_TILL, _earned(it, 10, frozen)),
            counter.accrue(_TILL, _earned(it, 0)),
            counter.redeem(_TILL, _spent(it, 1, id=refused)),
            counter.redeem(_TILL, _spent(it, 12)),
            return_exceptions=True,
        )
        again = await declined(counter.redeem(_TILL, _spent(it, 99, id=refused)))
    found = [one["points"] if isinstance(one, dict) else _code(one) for one in outcomes]

    assert [10, "INSUFFICIENT_POINTS", 5, "KeyReused", "MEMBER_FROZEN", "TOO_SMALL", "KeyReused", 12] == found
    assert (before["id"], "INSUFFICIENT_POINTS", 2) == (outcomes[2]["id"], again, len(runs))
    assert 3 == await it.available()
    await it.check()


async def test_what_has_to_be_alone_is_posted_beside_the_group(crm: TestCrm, runs: _Runs) -> None:
    """A member who is not there, and accounts that limits look at: two of three get through."""
    it, _ = await _stage(crm)
    limited = (await crm.make("loyalty_currency", program={"id": it.program_id}, code="LIMITED"))["id"]
    await crm.make("loyalty_limit", currency_id=limited, metric="TRANSACTIONS", hours=24, most=2, action="BLOCK")
    await run(crm, lambda work: ledger.open_accounts(work, it.ada))
    runs.clear()
    async with Desk(crm) as counter:
        outcomes = await asyncio.gather(
            *(counter.accrue(_TILL, replace(_earned(it, 1), currency_id=limited)) for _ in range(3)),
            counter.accrue(_TILL, _earned(it, 1, uuid4())),
            counter.accrue(_TILL, _earned(it, 4)),
            return_exceptions=True,
        )

    assert [1, 1, "LIMIT_EXCEEDED", "NotFound", 4] == [
        one["points"] if isinstance(one, dict) else _code(one) for one in outcomes
    ]
    assert 1 + 3 + 1 == len(runs)


async def test_what_is_alone_takes_those_of_its_account_along(crm: TestCrm) -> None:
    """Limits do not look at the second, which spends what the first has earned."""
    it, _ = await _stage(crm)
    limit = {"currency_id": it.currency_id, "metric": "TRANSACTIONS", "hours": 24, "most": 9, "action": "BLOCK"}
    await crm.make("loyalty_limit", **limit)
    async with Desk(crm) as counter:
        await asyncio.gather(
            counter.accrue(_TILL, _earned(it, 10)), counter.redeem(_TILL, _spent(it, 7, unlimited=True))
        )

    assert 3 == await it.available()


@pytest.mark.parametrize("before", [True, False])
async def test_what_lapses_before_one_of_a_group_lapses(crm: TestCrm, before: bool) -> None:
    """Whether it was there, or came with the group itself, told late."""
    it = await stage(crm, expiry="ACTIVITY", expiry_months=1)
    await run(crm, lambda work: ledger.open_accounts(work, it.ada))
    late = _earned(it, 10, event_at=MONDAY - timedelta(days=100))
    asked = [_earned(it, 20), _earned(it, 1)]
    if before:
        await run(crm, lambda work: ledger.accrue(work, late))
    async with Desk(crm) as counter:
        await asyncio.gather(*(counter.accrue(_TILL, one) for one in ([] if before else [late]) + asked))

    assert {"available": 21, "accrued": 31, "expired": 10} == await it.account()
    await it.check()


async def test_what_makes_a_group_fail_fails_alone(crm: TestCrm) -> None:
    """A text that no database takes is found when all of it is written."""
    it, (_, bob) = await _stage(crm, others=1)
    async with Desk(crm) as counter:
        outcomes = await asyncio.gather(
            counter.accrue(_TILL, _earned(it, 1)),
            counter.accrue(_TILL, _earned(it, 2, bob, reason="half a character: \ud800")),
            counter.accrue(_TILL, _earned(it, 4, bob)),
            return_exceptions=True,
        )

    assert [1, "Invalid", 4] == [one["points"] if isinstance(one, dict) else _code(one) for one in outcomes]
    assert (1, 4) == (await it.available(), await it.available(bob))
    await it.check()


@pytest.mark.parametrize("failure", [errors.Contention, errors.StatementTimeout])
async def test_who_gets_in_the_way_of_a_group_makes_it_post_one_by_one(
    crm: TestCrm, monkeypatch: pytest.MonkeyPatch, failure: type[Exception]
) -> None:
    """As when its unit met others at the same rows again and again, or waited too long for one of its accounts."""
    it, _ = await _stage(crm)
    _fails(monkeypatch, failure("Somebody else was there."))
    monkeypatch.setattr("crmcore.database.retrying._ATTEMPTS", 1)
    async with Desk(crm) as counter:
        await asyncio.gather(*(counter.accrue(_TILL, _earned(it, 1)) for _ in range(3)))

    assert 3 == await it.available()


async def test_where_the_database_cannot_be_reached_all_are_told(crm: TestCrm, monkeypatch: pytest.MonkeyPatch) -> None:
    """Trying it once more for each would only take longer; what comes later is posted."""
    (it, _), id = await _stage(crm), uuid4()
    _fails(monkeypatch, errors.Unavailable("The connection is lost."))
    async with Desk(crm) as counter:
        asked = [_earned(it, 1, id=id), _earned(it, 1), _earned(it, 1)]
        outcomes = await asyncio.gather(*(counter.accrue(_TILL, one) for one in asked), return_exceptions=True)
        assert (["Unavailable"] * 3, 0) == ([_code(one) for one in outcomes], await it.available())
        row = await counter.accrue(_TILL, asked[0])

    assert (id, 1) == (row["id"], await it.available())


async def test_who_is_cancelled_before_its_turn_has_posted_nothing(crm: TestCrm, runs: _Runs) -> None:
    """Afterwards it may have been; the others of its group do not notice."""
    it, _ = await _stage(crm)
    runs.clear()
    async with Desk(crm) as counter:
        first = asyncio.create_task(counter.accrue(_TILL, _earned(it, 1)))
        await runs.begun.wait()
        late, other = (asyncio.create_task(counter.accrue(_TILL, _earned(it, points))) for points in (10, 100))
        await asyncio.sleep(0)
        late.cancel()
        await asyncio.gather(first, other)

    assert (101, True) == (await it.available(), late.cancelled())


async def test_who_is_cancelled_while_it_is_posted_takes_nobody_along(crm: TestCrm, runs: _Runs) -> None:
    """The group is one transaction, and comes to its end."""
    it, _ = await _stage(crm)
    runs.clear()
    async with Desk(crm) as counter:
        callers = [asyncio.create_task(counter.accrue(_TILL, _earned(it, 1))) for _ in range(3)]
        await runs.begun.wait()
        callers[0].cancel()
        await asyncio.gather(*callers[1:])

    assert (3, ["till"]) == (await it.available(), runs)
    await it.check()


async def test_closing_ends_what_was_handed_in(crm: TestCrm) -> None:
    """Then nothing more is taken."""
    it, _ = await _stage(crm)
    async with Desk(crm, largest=2) as counter:
        callers = [asyncio.create_task(counter.accrue(_TILL, _earned(it, 1))) for _ in range(5)]
        await asyncio.sleep(0)
    there = await it.available()
    with pytest.raises(RuntimeError, match="closed"):
        await counter.accrue(_TILL, _earned(it, 1))
    await asyncio.gather(*callers)

    assert 5 == there


async def test_closing_that_is_cancelled_leaves_nobody_waiting(crm: TestCrm, monkeypatch: pytest.MonkeyPatch) -> None:
    """Callers are cancelled with it, those of the group and those who wait behind it."""
    (it, _), begun = await _stage(crm), asyncio.Event()

    async def for_ever(work: Work, postings: Any) -> Any:
        begun.set()
        await asyncio.Event().wait()

    monkeypatch.setattr(desk, "post_together", for_ever)
    counter = await Desk(crm, largest=2).__aenter__()
    callers = [asyncio.create_task(counter.accrue(_TILL, _earned(it, 1))) for _ in range(3)]
    await begun.wait()
    closing = asyncio.create_task(counter.close())
    await asyncio.sleep(0)
    closing.cancel()
    ended = await asyncio.gather(closing, *callers, return_exceptions=True)

    assert [asyncio.CancelledError] * 4 == [type(one) for one in ended]
    assert 0 == await it.available()


async def test_more_than_can_wait_is_refused(crm: TestCrm) -> None:
    """It can be asked for again a moment later."""
    it, _ = await _stage(crm)
    async with Desk(crm, waiting=3) as counter:
        asked = (counter.accrue(_TILL, _earned(it, 1)) for _ in range(5))
        outcomes = await asyncio.gather(*asked, return_exceptions=True)
        await counter.accrue(_TILL, _earned(it, 1))

    assert ([1, 1, 1, "Unavailable", "Unavailable"], 4) == (
        [one["points"] if isinstance(one, dict) else _code(one) for one in outcomes],
        await it.available(),
    )


async def test_nothing_is_handed_in_inside_a_transaction(crm: TestCrm) -> None:
    """It would be posted whatever becomes of the transaction."""
    it, _ = await _stage(crm)
    async with Desk(crm) as counter:
        with pytest.raises(RuntimeError, match="inside a transaction"):
            await run(crm, lambda work: counter.accrue(_TILL, _earned(it, 1)))

    assert 0 == await it.available()


async def test_each_acts_as_who_it_is(crm: TestCrm, runs: _Runs) -> None:
    """Those who reach the same are one group; who may not know of a member does not learn of it."""
    it, _ = await _stage(crm)
    stranger = Actor(_TILL.type, None, "stranger")
    runs.clear()
    async with Desk(crm) as counter:
        asked = [(actor, _earned(it, 1)) for actor in (_TILL, stranger, Actor.system("web")) for _ in range(2)]
        outcomes = await asyncio.gather(*(counter.accrue(*one) for one in asked), return_exceptions=True)
    labels = {event.actor["label"] for event in await crm.happened(LoyaltyPointsChanged)}
    stamps = {row["actor"]["label"] for row in outcomes if isinstance(row, dict)}

    assert ({"till", "web"}, {"till", "web"}) == (labels, stamps)
    assert ["NotFound", "NotFound"] == [_code(one) for one in outcomes[2:4]]
    assert {"till": 1, "stranger": 3} == {label: runs.count(label) for label in runs}


async def test_a_key_that_is_used_is_left_to_who_handed_it_in(crm: TestCrm) -> None:
    """Found before anything is written, it makes no group fail; nobody else's key is the same."""
    (it, (_, bob)), web = await _stage(crm, others=1), Actor.system("web")
    people = [_TILL, _TILL, web, _TILL]

    async def together(keys: str) -> list[Any]:
        postings = [
            Posting(by, _earned(it, points, who, id=uuid4()), once=_once(by, key))
            for by, key, points, who in zip(people, keys, (1, 2, 4, 8), (it.ada, it.ada, bob, it.ada), strict=True)
        ]
        outcomes = await crm.run(_TILL, lambda work: post_together(work, postings), isolation="read committed")
        return [one and one["points"] for one in outcomes]  # type: ignore[index]

    assert [1, None, 4, None] == await together("kkkk")
    assert [None, 2, None, 8] == await together("klkm")
    assert (11, 4) == (await it.available(), await it.available(bob))


async def test_two_desks_at_the_same_accounts_wait_for_each_other(
    crm: TestCrm, caplog: pytest.LogCaptureFixture
) -> None:
    """All lock in one order, so that no group fails, and what is handed in twice has one effect."""
    it, members = await _stage(crm, others=5)
    asked = [_earned(it, 1, who, id=uuid4()) for who in members * 4]
    async with Desk(crm) as one, Desk(crm) as other:
        rows = await asyncio.gather(
            *(one.accrue(_TILL, each) for each in asked), *(other.accrue(_TILL, each) for each in reversed(asked))
        )
        await asyncio.gather(*(desk.accrue(_TILL, _earned(it, 1, who)) for who in members for desk in (one, other)))

    assert (24, [6] * 6) == (len({row["id"] for row in rows}), [await it.available(who) for who in members])
    # Without the lock the unique number of entries would stop them too, and all would be posted one by one.
    assert [] == [one for one in caplog.records if one.name == "crmcore_loyalty.desk"]
    await it.check()


async def test_who_redeems_at_once_gets_no_more_than_there_is(crm: TestCrm) -> None:
    """At a desk and beside it."""
    it, _ = await _stage(crm)
    await it.earn(30)
    async with Desk(crm) as counter:
        codes = await asyncio.gather(
            *(declined(counter.redeem(_TILL, _spent(it, 4))) for _ in range(10)),
            *(declined(run(crm, lambda work: ledger.redeem(work, _spent(it, 4)))) for _ in range(5)),
        )

    assert (7, 2) == (codes.count(None), await it.available())
    await it.check()


def _once(actor: Actor, key: str) -> Once:
    once = Once(actor, key, "asked")
    once.kept = lambda row: str(row["id"])
    return once


def _fails(monkeypatch: pytest.MonkeyPatch, failure: Exception) -> None:
    """Let the next group fail."""

    async def failing(work: Work, postings: Any) -> Any:
        monkeypatch.undo()
        raise failure

    monkeypatch.setattr(desk, "post_together", failing)


def _code(refused: BaseException) -> str:
    violations = getattr(refused, "violations", ())
    return violations[0].code if violations else type(refused).__name__
