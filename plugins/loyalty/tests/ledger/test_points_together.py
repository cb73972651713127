"""Mutations that clients ask at the same time are posted together, and no client can tell but by the clock."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from typing import Any
from uuid import UUID, uuid4

import pytest
from crmcore_loyalty import ledger
from crmcore_loyalty.events import LoyaltyPointsChanged
from crmcore_loyalty.ledger import desk
from ledger_stage import Stage, run, stage

from crmcore import Access, Actor, ActorType, Crm, Scope, Settings, Work, ids
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


async def test_mutations_of_many_actors_with_keys_are_posted_together(counter: _Counter) -> None:
    """Twenty people, each with a key of their own; asked once more, each is told the same, and nothing happens again."""
    people = [_till("loyalty.accrue", label=f"till {n}") for n in range(20)]
    asked = [(n, {"by": by, "key": f"key {n}"}) for n, by in enumerate(people, 1)]
    answers = await asyncio.gather(*(counter.ask(n, **more) for n, more in asked))
    runs = counter.runs
    again = await asyncio.gather(*(counter.ask(n, **more) for n, more in asked))
    kept = await counter.it.crm.database.fetch("select actor, key from crm_idempotency_key where key like 'key %'")

    assert [(by.label, str(n)) for n, by in enumerate(people, 1)] == [
        (one["actor"]["label"], one["points"]) for one in answers
    ]
    assert {(by.id, f"key {n}") for n, by in enumerate(people, 1)} == set(kept)
    assert (answers, 210) == (again, await counter.it.available())
    assert runs <= 10
    await counter.it.check()


async def test_each_is_answered_for_itself(counter: _Counter) -> None:
    """What cannot be had, is wrong, was there before or has to be alone stands against nobody else."""
    told = ids.encode("loyalty_transaction", uuid4())
    bob = await counter.it.member()
    await counter.ask(10)
    answers = await asyncio.gather(
        counter.ask(8),
        counter.ask(99, verb="Redeem"),
        counter.ask(5, id=told),
        counter.ask(5, id=told),
        counter.ask(6, id=told),
        counter.ask(0),
        counter.ask(1, who=uuid4()),
        counter.ask(7, who=bob),
        counter.ask(1, currency="GOLD"),
        counter.ask(9, verb="Redeem"),
    )
    codes, reused = [_code(one) for one in answers], "IDEMPOTENCY_KEY_REUSED"
    same, codes[2:5] = codes[2:5], []
    ids_given = {one["id"] for one in answers[2:5] if one.get("id")}

    # They were asked at the same moment, so either may have been the first.
    assert same in (["5", "5", reused], [reused, reused, "6"])
    expected = ["8", "INSUFFICIENT_POINTS", "TOO_SMALL", "NOT_FOUND", "7", "UNKNOWN_CURRENCY", "9"]
    assert expected == codes
    left = 10 + 8 - 9 + (5 if "5" in same else 6)
    assert ({told}, left, 7) == (ids_given, await counter.it.available(), await counter.it.available(bob))
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
    """Events carry the request and the key that caused them, whoever else's was posted with it; and who acted."""
    labels = ("till", "cashier", "clerk")
    asked = [(n, labels[n % 3], f"k-{n}" if n % 2 else None) for n in range(1, 21)]
    await asyncio.gather(
        *(
            counter.ask(n, request_id=f"r-{n}", by=_till("loyalty.accrue", label=label), key=key)
            for n, label, key in asked
        )
    )
    events = await counter.it.crm.happened(LoyaltyPointsChanged)

    assert {(f"r-{n}", label, key, n) for n, label, key in asked} == {
        (event.request_id, event.actor["label"], event.idempotency_key, event.points) for event in events
    }
    assert counter.runs <= 10


async def test_a_key_has_an_effect_once_in_a_group(counter: _Counter) -> None:
    """It is kept by the transaction that has the effect, and who comes with it beside the first hears what came of that."""
    first, again, other, _ = await asyncio.gather(
        counter.ask(1, key="k"), counter.ask(1, key="k"), counter.ask(2, key="k"), counter.ask(10)
    )
    outcomes = [first, again, other]
    kept = {str(one) for one in outcomes if _code(one) != "IDEMPOTENCY_KEY_REUSED"}

    assert 1 == len(kept)
    assert int(next(one["points"] for one in outcomes if "points" in one)) + 10 == await counter.it.available()


async def test_a_key_is_somebody_s_own(counter: _Counter) -> None:
    """Two who happen to choose the same have an effect each."""
    asked = [counter.ask(n, key="k", by=_till("loyalty.accrue", label=f"till {n}")) for n in (1, 2, 4)]

    assert ["1", "2", "4"] == [one["points"] for one in await asyncio.gather(*asked)]
    assert 7 == await counter.it.available()


async def test_what_was_refused_with_a_key_is_refused_for_ever(counter: _Counter) -> None:
    """Whether it was declined in the group, or is wrong, or out of reach; the same request by another key may be done."""
    bad = [({"verb": "Redeem"}, 5), ({}, 0), ({"who": uuid4()}, 1)]

    async def asked(keys: str) -> list[Any]:
        pairs = enumerate(bad)
        found = await asyncio.gather(*(counter.ask(points, key=f"{keys}{n}", **more) for n, (more, points) in pairs))
        return [_code(one) for one in found]

    first = await asked("a")
    await counter.ask(10)

    assert (["INSUFFICIENT_POINTS", "TOO_SMALL", "NOT_FOUND"], first) == (first, await asked("a"))
    assert ["5", "TOO_SMALL", "NOT_FOUND"] == await asked("b")
    assert 6 == len(await counter.it.crm.database.fetch("select id from crm_idempotency_key where key < 'c'"))


async def test_a_key_that_was_used_for_something_else_is_refused(counter: _Counter) -> None:
    """By another mutation, so that no transaction tells of it; the others of its group are done."""
    by = _till("loyalty.accrue", more=("tag",))
    able = replace(by, access=replace(by.access, scopes={**by.access.scopes, "tag:create": Scope.ALL}))
    tag = 'mutation { createTag(data: {name: "Spring"}, idempotencyKey: "key 3") { ... on Tag { id } } }'
    assert "id" in (await counter.it.crm.execute(tag, actor=able))["data"]["createTag"]
    answers = await asyncio.gather(*(counter.ask(n, key=f"key {n}", by=by) for n in range(1, 6)))

    assert ["1", "2", "IDEMPOTENCY_KEY_REUSED", "4", "5"] == [_code(one) for one in answers]
    assert 12 == await counter.it.available()
    await counter.it.check()


async def test_two_processes_that_are_asked_with_the_same_keys(counter: _Counter) -> None:
    """Each key has its effect once, and both are told the same."""
    it = counter.it
    await counter.ask(10)
    asked = [(n, f"key {n}", _till("loyalty.redeem", label=f"till {n % 3}")) for n in range(1, 13)]
    async with Crm(Settings(database=it.crm.database.url)) as second:
        other = _asking(second, it.ada)
        pairs = [
            asyncio.gather(
                counter.ask(1, verb="Redeem", key=key, by=by, currency="POINTS"), other(1, key, by), other(1, key, by)
            )
            for _, key, by in asked
        ]
        answers = await asyncio.gather(*pairs)

    assert [] == [(one, others) for one, *others in answers if [one, one] != others]
    assert ["1"] * 10 + ["INSUFFICIENT_POINTS"] * 2 == sorted(_code(one) for one, *_ in answers)
    assert 0 == await it.available()
    await it.check()


def _asking(crm: Crm, who: UUID) -> Callable[[int, str, Actor], Awaitable[Any]]:
    async def ask(points: int, key: str, by: Actor) -> Any:
        member = ids.encode("loyalty_member", who)
        given = {"member": member, "currency": "POINTS", "points": str(points), "key": key}
        return (await crm.execute(_ASK % "Redeem", given, actor=by))["data"]["it"]

    return ask


async def test_a_group_that_fails_is_done_one_by_one(counter: _Counter, monkeypatch: pytest.MonkeyPatch) -> None:
    """Those with a key too, which is kept with each."""
    failed: list[int] = []

    async def failing(work: Work, postings: Sequence[Any]) -> Any:
        failed.append(len(postings))
        msg = "A bug."
        raise RuntimeError(msg)

    monkeypatch.setattr(desk, "post_together", failing)
    keys = [None, "a", "b", None]
    answers = await asyncio.gather(*(counter.ask(n, key=key) for n, key in enumerate(keys, 1)))
    again = await counter.ask(2, key="a")

    assert (["1", "2", "3", "4"], answers[1]) == ([one["points"] for one in answers], again)
    assert (10, True) == (await counter.it.available(), max(failed) > 1)


async def test_who_comes_alone_with_a_key_is_shown_what_its_transaction_read_last(
    counter: _Counter, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And its transaction is the only one."""
    monkeypatch.setattr(type(counter.it.crm.planner), "read_written", None)

    assert ["1", "2"] == [(await counter.ask(points, key=f"k{points}"))["points"] for points in (1, 2)]
    assert 2 == counter.runs


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
    monkeypatch.setattr(type(counter.it.crm.planner), "read_written", None)

    assert ["1", "2"] == [(await counter.ask(points))["points"] for points in (1, 2)]
