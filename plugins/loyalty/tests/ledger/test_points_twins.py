"""Whatever many people ask at once, keys and all, comes out as it would one after the other, each in a transaction of its own."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import pytest
from crmcore_loyalty import ledger
from crmcore_loyalty.events import LoyaltyPointsChanged
from crmcore_loyalty.ledger.actions import loyalty_accrue, loyalty_redeem
from crmcore_loyalty.verify.replaying import replayed
from crmcore_loyalty.verify.verifying import violations
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from ledger_stage import run, stage

from crmcore import Access, Actor, ActorType, Scope, ids
from crmcore.testing import TestCrm

_ASK = """mutation ($member: ID!, $currency: String!, $points: BigInt!, $key: String) {
    it: loyalty%s(memberId: $member, currency: $currency, points: $points, idempotencyKey: $key) {
        ... on LoyaltyTransaction { kind points actor eventAt }
        ... on Problem { code message violations { path code message } } } }"""
_CURRENCIES: Mapping[str, Mapping[str, Any]] = {
    "PLAIN": {"expiry": "ROLLING", "expiry_days": 20},
    "WAITING": {"pending_days": 2},
    "COUNTED": {"kind": "QUALIFYING"},
}
#: Who asks: what they may do, and whom they reach. The first two reach the same.
_PEOPLE = (
    ("till", ("loyalty.accrue", "loyalty.redeem"), Scope.ALL),
    ("clerk", ("loyalty.accrue", "loyalty.redeem", "loyalty.adjust"), Scope.ALL),
    ("earner", ("loyalty.accrue",), Scope.ALL),
    ("stranger", ("loyalty.accrue", "loyalty.redeem"), Scope.OWN),
)
#: Two of one key may be different requests, of one person or of several.
_REQUEST = st.fixed_dictionaries(
    {
        "spend": st.booleans(),
        "by": st.sampled_from((0, 0, 1, 1, 2, 3)),
        "who": st.sampled_from((0, 0, 0, 1, 2)),
        "code": st.sampled_from(("PLAIN", "PLAIN", *_CURRENCIES)),
        "points": st.sampled_from((1, 3, 10, 25)),
        "key": st.none() | st.integers(0, 5),
    }
)
_STORY = st.lists(st.lists(_REQUEST, min_size=1, max_size=14), min_size=1, max_size=4)
_MANY = settings(
    max_examples=int(os.environ.get("LOYALTY_DESK_STORIES", "10")),
    deadline=None,
    derandomize="LOYALTY_DESK_STORIES" not in os.environ,
    database=None,
    phases=[Phase.generate],  # Finding the shortest way to a failure takes minutes.
    suppress_health_check=list(HealthCheck),
)
_SHOWN = (
    "select a.currency_id, available, pending, held, accrued, redeemed, last_version from loyalty_account a where member_id = $1 order by 1",
    "select currency_id, bucket, amount, balance_after, number from loyalty_entry where member_id = $1 order by currency_id, number",
    "select currency_id, earned_at, active_at, expires_at, original, remaining, pending, spent from loyalty_lot "
    "where member_id = $1 order by currency_id, earned_at, id",
)


@dataclass
class _Twin:
    """Members, and how the keys begin that are used for them."""

    members: Sequence[UUID]
    keys: str


@_MANY
@given(story=_STORY)
async def test_whoever_asks_together_is_answered_as_one_after_the_other(
    crm: TestCrm, story: list[list[dict[str, Any]]]
) -> None:
    """Answers, accounts, lots, entries, what is kept with keys and what is told are the same, and all invariants hold."""
    at_once, in_turn, currencies = await _twins(crm)
    for requests in story:
        crm.clock.move(minutes=1)  # Ids of the same millisecond would begin anew.
        together = await asyncio.gather(*(_ask(crm, at_once, currencies, one) for one in requests))
        with pytest.MonkeyPatch.context() as patched:
            for shared in (loyalty_accrue, loyalty_redeem):
                patched.setitem(shared.__dict__, "shared", None)
            alone = [await _ask(crm, in_turn, currencies, one) for one in requests]

        assert alone == together
        for expected, found in zip(await _found(crm, in_turn), await _found(crm, at_once), strict=True):
            assert expected == found

    assert [] == [one.shown async for one in violations(crm.database)]
    assert [] == [one.shown async for one in replayed(crm.database)]


async def _twins(crm: TestCrm) -> tuple[_Twin, _Twin, Mapping[str, UUID]]:
    """Make two of each: two ordinary members, and a frozen one."""
    it = await stage(crm)
    program = {"id": it.program_id}
    made = {
        code: await crm.make("loyalty_currency", program=program, code=code, **of) for code, of in _CURRENCIES.items()
    }
    twins = [_Twin([await it.member() for _ in range(3)], f"{it.program_id}-{keys}-") for keys in ("a", "b")]
    for twin in twins:
        for who in twin.members:
            await run(crm, lambda work, who=who: ledger.open_accounts(work, who))  # type: ignore[misc]
        frozen = twin.members[2]
        await run(crm, lambda work, who=frozen: work.change("loyalty_member", who, {"status": "FROZEN"}))  # type: ignore[misc]
    return twins[0], twins[1], {code: row["id"] for code, row in made.items()}


async def _ask(crm: TestCrm, twin: _Twin, currencies: Mapping[str, UUID], one: Mapping[str, Any]) -> Any:
    label, permissions, reach = _PEOPLE[one["by"]]
    rights = Access(scopes={"customer:read": reach}, permissions=frozenset(permissions))
    given = {
        "member": ids.encode("loyalty_member", twin.members[one["who"]]),
        "currency": ids.encode("loyalty_currency", currencies[one["code"]]),
        "points": str(one["points"]),
        "key": None if one["key"] is None else f"{twin.keys}{one['key']}",
    }
    by = Actor(ActorType.USER, label, label, user_id=UUID(int=one["by"] + 1), access=rights)
    answer = await crm.execute(_ASK % ("Redeem" if one["spend"] else "Accrue"), given, actor=by)
    # A refusal may name the member or the key, by which the twins differ.
    told = str(answer["data"]["it"]).replace(given["member"], "the member").replace(twin.keys, "")
    return told if "errors" not in answer else answer


async def _found(crm: TestCrm, twin: _Twin) -> Any:
    """Return all that is kept of a twin's members, without ids."""
    database, told = crm.database, await crm.happened(LoyaltyPointsChanged)
    found: list[Any] = [[await database.fetch(sql, who) for sql in _SHOWN] for who in twin.members]
    found.append(
        [
            (twin.members.index(e.record_id), e.currency_id, e.points, e.available, e.actor["label"], _bare(twin, e))
            for e in told
            if e.record_id in twin.members
        ]
    )
    kept = "select actor, key, outcome = 'null', refusal from crm_idempotency_key where key like $1 order by actor, key"
    found.append(
        [
            (actor, key.removeprefix(twin.keys), refused, refusal and _without(twin, refusal))
            for actor, key, refused, refusal in await database.fetch(kept, f"{twin.keys}%")
        ]
    )
    stamps = (
        "select actor, status, reason_code, points from loyalty_transaction where member_id = $1 order by 1, 2, 3, 4"
    )
    return [*found, [await database.fetch(stamps, who) for who in twin.members]]


def _bare(twin: _Twin, event: LoyaltyPointsChanged) -> str | None:
    key = event.idempotency_key
    return key and key.removeprefix(twin.keys)


def _without(twin: _Twin, refusal: str) -> str:
    for who in twin.members:
        refusal = refusal.replace(ids.encode("loyalty_member", who), "the member")
    return refusal.replace(twin.keys, "")
