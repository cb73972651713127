"""Mutations that clients ask at the same time are posted together, and no client can tell but by the clock."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Any
from uuid import UUID, uuid4

import pytest
from crmcore_loyalty import ledger
from crmcore_loyalty.events import LoyaltyPointsChanged
from ledger_stage import Stage, run, stage

from crmcore import Access, Actor, ActorType, Scope, Work, ids
from crmcore.testing import TestCrm

_ASK = """mutation ($member: ID!, $currency: String!, $points: BigInt!, $id: ID, $key: String) {
    it: loyalty%s(memberId: $member, currency: $currency, points: $points, id: $id, idempotencyKey: $key) {
        ... on LoyaltyTransaction { id kind points actor currency { code } }
        ... on Problem { code violations { path code } } } }"""


def _till(*permissions: str, label: str = "till", reach: Scope = Scope.ALL, more: Sequence[str] = ()) -> Actor:
    """Return a person who may do this; another object each time, as for each request."""
    rights = Access(
        scopes={f"{entity}:read": reach for entity in ("customer", *more)},
        permissions=frozenset(permissions),
    )
    return Actor(ActorType.USER, label, label, user_id=UUID(int=7), access=rights)


class _Counter:
    """Asks, and knows how many units of work it took."""

    def __init__(self, it: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
        self.it, self.runs = it, 0
        real = it.crm.run

        def counted(actor: Actor, unit: Callable[[Work], Awaitable[Any]], **more: Any) -> Awaitable[Any]:
            self.runs += 1
            return real(actor, unit, **more)

        monkeypatch.setattr(it.crm, "run", counted)

    async def ask(
        self, points: int, *, who: UUID | None = None, verb: str = "Accrue", request_id: str | None = None, **more: Any
    ) -> Any:
        """Return what a client is answered."""
        by = more.pop("by", None) or _till("loyalty.accrue", "loyalty.redeem")
        member = ids.encode("loyalty_member", who or self.it.ada)
        given = {"member": member, "currency": "POINTS", "points": str(points), **more}
        answer = await self.it.crm.execute(_ASK % verb, given, actor=by, request_id=request_id)
        assert "errors" not in answer, answer
        return answer["data"]["it"]


@pytest.fixture
async def counter(crm: TestCrm, monkeypatch: pytest.MonkeyPatch) -> _Counter:
    """A program with one member, whose account is open."""
    it = await stage(crm, code="POINTS")
    await run(crm, lambda work: ledger.open_accounts(work, it.ada))
    return _Counter(it, monkeypatch)


def _code(answer: Any) -> Any:
    if "points" in answer:
        return answer["points"]
    return answer["violations"][0]["code"] if answer["violations"] else answer["code"]


async def test_mutations_of_one_actor_are_posted_together(counter: _Counter) -> None:
    """Twenty requests, each of which signs in for itself, whether they call the currency by its code or its id."""
    shown = ids.encode("loyalty_currency", counter.it.currency_id)
    currencies = ["POINTS", shown] * 10
    answers = await asyncio.gather(*(counter.ask(n, currency=of) for n, of in enumerate(currencies, 1)))

    assert [str(n) for n in range(1, 21)] == [one["points"] for one in answers]
    assert (20, {"till"}) == (len({one["id"] for one in answers}), {one["actor"]["label"] for one in answers})
    # How many groups they are depends on who is read in time; left to themselves they would be twenty.
    assert counter.runs <= 10
    assert 210 == await counter.it.available()
    await counter.it.check()


async def test_each_is_answered_for_itself(counter: _Counter) -> None:
    """What cannot be had, is wrong, was there before or has to be alone stands against nobody else."""
    told = ids.encode("loyalty_transaction", uuid4())
    bob = await counter.it.member()
    answers = await asyncio.gather(
        counter.ask(10),
        counter.ask(99, verb="Redeem"),
        counter.ask(5, id=told),
        counter.ask(5, id=told),
        counter.ask(6, id=told),
        counter.ask(0),
        counter.ask(1, who=uuid4()),
        counter.ask(7, who=bob),
        counter.ask(1, currency="GOLD"),
        counter.ask(12, verb="Redeem"),
    )
    expected = ["10", "INSUFFICIENT_POINTS", "5", "5", "IDEMPOTENCY_KEY_REUSED", "TOO_SMALL", "NOT_FOUND", "7"]

    assert [*expected, "UNKNOWN_CURRENCY", "12"] == [_code(one) for one in answers]
    assert (answers[2]["id"], 3, 7) == (told, await counter.it.available(), await counter.it.available(bob))
    await counter.it.check()


async def test_who_may_not_is_refused_among_those_who_may(counter: _Counter) -> None:
    """By the right to do it, and by the rules of who reaches the member."""
    answers = await asyncio.gather(
        counter.ask(1),
        counter.ask(1, by=_till("loyalty.redeem")),
        counter.ask(1, by=_till("loyalty.accrue", reach=Scope.OWN)),
        counter.ask(1),
    )

    assert ["1", "FORBIDDEN", "NOT_FOUND", "1"] == [_code(one) for one in answers]
    assert 2 == await counter.it.available()


async def test_what_each_request_did_is_known(counter: _Counter) -> None:
    """Events carry the request that caused them, whoever else's was posted with it; and who acted."""
    cashier = _till("loyalty.accrue", label="cashier")
    asked = [(counter.ask(n, request_id=f"r-{n}"), "till", n) for n in range(1, 4)]
    asked.append((counter.ask(4, request_id="r-4", by=cashier), "cashier", 4))
    await asyncio.gather(*(asking for asking, _, _ in asked))
    events = await counter.it.crm.happened(LoyaltyPointsChanged)

    assert {(f"r-{n}", label, n) for _, label, n in asked} == {
        (event.request_id, event.actor["label"], event.points) for event in events
    }
    assert counter.runs <= 3


async def test_a_key_has_an_effect_once_beside_a_group(counter: _Counter) -> None:
    """It is kept by the transaction that has the effect, so nothing is shared."""
    first, again, other, _ = await asyncio.gather(
        counter.ask(1, key="k"), counter.ask(1, key="k"), counter.ask(2, key="k"), counter.ask(10)
    )
    outcomes = [first, again, other]
    kept = {str(one) for one in outcomes if _code(one) != "IDEMPOTENCY_KEY_REUSED"}

    assert 1 == len(kept)
    assert int(next(one["points"] for one in outcomes if "points" in one)) + 10 == await counter.it.available()


async def test_roots_of_one_mutation_come_one_after_the_other(counter: _Counter) -> None:
    """The second spends what the first has earned, whoever else is served meanwhile."""
    of = f'memberId: "{ids.encode("loyalty_member", counter.it.ada)}", currency: "POINTS"'
    text = f"""mutation {{
        a: loyaltyAccrue({of}, points: "10") {{ ... on LoyaltyTransaction {{ points }} }}
        b: loyaltyRedeem({of}, points: "10") {{ ... on LoyaltyTransaction {{ points }} ... on Problem {{ code }} }}
    }}"""
    answers = await asyncio.gather(*(counter.it.crm.execute(text) for _ in range(4)))

    assert [{"a": {"points": "10"}, "b": {"points": "10"}}] * 4 == [answer["data"] for answer in answers]
    assert 0 == await counter.it.available()


async def test_each_sees_what_it_may(counter: _Counter) -> None:
    """The answer is read for who asked, also where the transactions of several were posted together."""
    seeing = _till("loyalty.accrue", "loyalty.redeem", more=("loyalty_program", "loyalty_currency"))
    asked = [counter.ask(n, by=by) for n, by in enumerate([seeing, None, seeing, None], 1)]
    answers = await asyncio.gather(*asked)

    assert [{"code": "POINTS"}, None] * 2 == [one["currency"] for one in answers]


async def test_who_comes_alone_is_shown_what_its_transaction_read_last(
    counter: _Counter, monkeypatch: pytest.MonkeyPatch
) -> None:
    """So that it costs no message more than it did without a desk."""
    monkeypatch.delattr(type(counter.it.crm.planner), "read_written")

    assert ["1", "2"] == [(await counter.ask(points))["points"] for points in (1, 2)]
