"""Whatever is handed in together comes out as it would one after the other: two sets of members, one asked so, one so."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Awaitable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

from crmcore_loyalty import ledger
from crmcore_loyalty.events import LoyaltyPointsChanged
from crmcore_loyalty.ledger import Accrual, Desk, Redemption
from crmcore_loyalty.verify.replaying import replayed
from crmcore_loyalty.verify.verifying import violations
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from ledger_stage import run, stage

from crmcore import Actor, Row, errors
from crmcore.testing import TestCrm

_TILL = Actor.system("till")
#: Kinds of points: plain ones; that wait; that go when nothing happens; that are not spent; that limits look at; that are owed.
_CURRENCIES: Mapping[str, Mapping[str, Any]] = {
    "PLAIN": {"expiry": "ROLLING", "expiry_days": 20},
    "WAITING": {"pending_days": 2},
    "IDLE": {"expiry": "ACTIVITY", "expiry_days": 10},
    "COUNTED": {"kind": "QUALIFYING"},
    "LIMITED": {"expiry": "ROLLING", "expiry_days": 20},
    "OWED": {"floor": -50},
}
_MEMBERS = 3  # and one who is not there
_POSTING = st.fixed_dictionaries(
    {
        "spend": st.booleans(),
        "who": st.sampled_from((0, 0, 0, 1, 1, 2, 3)),
        "code": st.sampled_from(("PLAIN", "PLAIN", "PLAIN", *_CURRENCIES)),
        "points": st.sampled_from((0, 1, 3, 10, 10, 25)),
        "id": st.none() | st.integers(0, 4),
        "days": st.sampled_from((0, 0, 0, 0, 5, 15, 40)),
    }
)
_STORY = st.lists(
    st.tuples(st.sampled_from((0, 1, 60, 24 * 60 * 12)), st.lists(_POSTING, min_size=1, max_size=12)),
    min_size=1,
    max_size=5,
)
_MANY = settings(
    max_examples=int(os.environ.get("LOYALTY_DESK_STORIES", "10")),
    deadline=None,
    derandomize="LOYALTY_DESK_STORIES" not in os.environ,
    database=None,
    phases=[Phase.generate],  # Finding the shortest way to a failure takes minutes.
    suppress_health_check=list(HealthCheck),
)


@dataclass
class _Twin:
    """Members, what their points are called, and the ids that were used for them."""

    members: Sequence[UUID]
    currencies: Mapping[str, UUID]
    ids: dict[Any, UUID]

    def asked(self, one: Mapping[str, Any], crm: TestCrm) -> Accrual | Redemption:
        """Return what is asked of this one."""
        key = (one["who"], one["code"], one["id"])
        return (Redemption if one["spend"] else Accrual)(
            member_id=self.members[one["who"]],
            currency_id=self.currencies[one["code"]],
            points=one["points"],
            id=None if one["id"] is None else self.ids.setdefault(key, uuid4()),
            event_at=crm.clock.now() - timedelta(days=one["days"]) if one["days"] else None,
        )


@_MANY
@given(story=_STORY)
async def test_together_is_as_one_after_the_other(crm: TestCrm, story: list[tuple[int, list[dict[str, Any]]]]) -> None:
    """Outcomes, accounts, lots, entries, what is recorded and what is told are the same, and all invariants hold."""
    at_once, in_turn = await _twins(crm)
    for minutes, postings in story:
        if minutes:  # Moved by nothing, ids of the same millisecond would begin anew.
            crm.clock.move(minutes=minutes)
        async with Desk(crm) as desk:
            together = await asyncio.gather(*(_outcome(_handed_in(desk, at_once.asked(one, crm))) for one in postings))
        alone = [await _outcome(_posted(crm, in_turn.asked(one, crm))) for one in postings]

        assert alone == together
        for expected, found in zip(await _found(crm, in_turn), await _found(crm, at_once), strict=True):
            assert expected == found

    assert [] == [one.shown async for one in violations(crm.database)]
    assert [] == [one.shown async for one in replayed(crm.database)]


async def _twins(crm: TestCrm) -> tuple[_Twin, _Twin]:
    """Make two of each: an ordinary member, one who has points, a frozen one, and nobody."""
    it = await stage(crm)
    program = {"id": it.program_id}
    made = {
        code: await crm.make("loyalty_currency", program=program, code=code, **of) for code, of in _CURRENCIES.items()
    }
    currencies = {code: row["id"] for code, row in made.items()}
    limit = {"currency_id": currencies["LIMITED"], "metric": "REDEEMED", "hours": 24, "most": 12, "action": "BLOCK"}
    await crm.make("loyalty_limit", **limit)
    twins = [_Twin([*[await it.member() for _ in range(_MEMBERS)], uuid4()], currencies, {}) for _ in range(2)]
    for twin in twins:
        for who in twin.members[:_MEMBERS]:
            await run(crm, lambda work, who=who: ledger.open_accounts(work, who))  # type: ignore[misc]
        frozen = twin.members[2]
        await run(crm, lambda work, who=frozen: work.change("loyalty_member", who, {"status": "FROZEN"}))  # type: ignore[misc]
    for points in (20, 10):
        for currency_id in currencies.values():
            for twin in twins:
                asked = Accrual(member_id=twin.members[1], currency_id=currency_id, points=points)
                earned = await _posted(crm, asked)
                if points == 10 and currency_id == currencies["OWED"]:
                    await _owe(crm, twin.members[1], currency_id, earned["id"])
        crm.clock.move(minutes=1)
    return twins[0], twins[1]


async def _owe(crm: TestCrm, who: UUID, currency_id: UUID, earned: UUID) -> None:
    spent = Redemption(member_id=who, currency_id=currency_id, points=25)
    await run(crm, lambda work: ledger.redeem(work, spent))
    await run(crm, lambda work: ledger.reverse(work, earned))


async def _handed_in(desk: Desk, asked: Accrual | Redemption) -> Row:
    return await (desk.accrue(_TILL, asked) if isinstance(asked, Accrual) else desk.redeem(_TILL, asked))


async def _posted(crm: TestCrm, asked: Accrual | Redemption) -> Row:
    if isinstance(asked, Accrual):
        return await crm.run(_TILL, lambda work: ledger.accrue(work, asked), isolation="read committed")
    return await crm.run(_TILL, lambda work: ledger.redeem(work, asked), isolation="read committed")


async def _outcome(posting: Awaitable[Row]) -> Any:
    """Return what came of one, without the ids by which the twins differ."""
    try:
        row = await posting
    except errors.KeyReused:
        return "KeyReused"
    except errors.NotFound:
        return "NotFound"
    except errors.Refusal as refused:
        return type(refused).__name__, refused.message, refused.violations
    return {
        name: value for name, value in row.items() if name in ("kind", "status", "points", "event_at", "recorded_at")
    }


_SHOWN: Mapping[str, tuple[str, str]] = {
    "loyalty_account": (
        "available, pending, held, owed, accrued, redeemed, expired, last_version, closed, expires_at",
        "currency_id",
    ),
    "loyalty_lot": (
        "earned_at, active_at, expires_at, original, came_as, remaining, pending, held, spent, due_at",
        "currency_id, earned_at, id",
    ),
    "loyalty_entry": (
        "bucket, amount, balance_after, number, event_at, recorded_at",
        "currency_id, number",
    ),
}
_TOLD = "points, available, pending, held, counted, pooled, kind".split(", ")
_DECLINED = """select currency_id, kind, points, reason_code, reason, event_at, recorded_at from loyalty_transaction
    where member_id = $1 and status = 'DECLINED' order by currency_id, kind, points, reason_code, reason, event_at, recorded_at"""


async def _found(crm: TestCrm, twin: _Twin) -> Any:
    """Return all that the ledger has of a twin's members, without ids."""
    database, found = crm.database, []
    told = await crm.happened(LoyaltyPointsChanged)
    for who in twin.members:
        for table, (shown, order) in _SHOWN.items():
            sql = f"select currency_id, {shown} from {table} where member_id = $1 order by {order}"
            found.append((table, await database.fetch(sql, who)))
        found.append(("declined", await database.fetch(_DECLINED, who)))
        found.append(("moved", await database.fetch("select active_at, status from loyalty_member where id = $1", who)))
        events = [(e.currency_id, *[getattr(e, name) for name in _TOLD]) for e in told if e.record_id == who]
        # Of one kind of points in their order; those that were left alone come after the others.
        found.append(("told", [[e for e in events if e[0] == currency] for currency in twin.currencies.values()]))
    return found
