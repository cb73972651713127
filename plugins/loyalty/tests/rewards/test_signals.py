"""Signals: others hear once of points that are about to expire, and of members who stay away."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta

import pytest
from crmcore_loyalty import ledger
from crmcore_loyalty.rewards.events import LoyaltyMemberInactive, LoyaltyPointsExpiring
from crmcore_loyalty.rewards.signals import tell_of_expiry, tell_of_inactivity
from rewards_stage import member, program

from crmcore import Actor
from crmcore.testing import Made, TestCrm

NOON = datetime(2027, 3, 1, 12, tzinfo=UTC)


async def earn(crm: TestCrm, who: Made, currency: Made, points: int, days: int) -> None:
    """Have a member earn points that expire after some days."""
    expires = crm.clock.now() + timedelta(days=days)
    earned = ledger.Accrual(member_id=who["id"], currency_id=currency["id"], points=points, expires_at=expires)
    await crm.run(Actor.system(), lambda work: ledger.accrue(work, earned), isolation="read committed")


async def tell(crm: TestCrm) -> None:
    """Let both jobs run."""
    for call in (tell_of_expiry(), tell_of_inactivity()):
        await crm.put(call)
    await crm.work_off()


async def test_who_is_about_to_lose_points_is_told_of_once(crm: TestCrm) -> None:
    """All that expire at one instant together; not what expires later, was spent, or has expired already."""
    crm.clock.set(NOON)
    currency = await program(crm)
    who, other = await member(crm, currency), await member(crm, currency)
    for points, days in ((10, 20), (5, 20), (7, 29), (1000, 32)):
        await earn(crm, who, currency, points, days)
    await earn(crm, other, currency, 3, 1)
    crm.clock.move(days=1)
    for _ in "12":
        await tell(crm)
    told = await crm.happened(LoyaltyPointsExpiring)

    assert {(who["id"], 15, NOON + timedelta(days=20)), (who["id"], 7, NOON + timedelta(days=29))} == {
        (event.record_id, event.points, event.expires_at) for event in told
    }
    assert {currency["id"]} == {event.currency_id for event in told}


async def test_what_comes_into_sight_is_told_of(crm: TestCrm) -> None:
    """Day by day, and what is over is forgotten."""
    crm.clock.set(NOON)
    currency = await program(crm)
    who = await member(crm, currency)
    await earn(crm, who, currency, 10, 31)
    counts = []
    for days in (0, 2, 60):
        crm.clock.move(days=days)
        await tell(crm)
        counts.append(len(await crm.happened(LoyaltyPointsExpiring)))

    assert ([0, 1, 1], 0) == (
        counts,
        await crm.database.fetch_value("select count(*) from loyalty_signal where kind = 'EXPIRING'"),
    )


@pytest.mark.crm_settings(plugins={"loyalty": {"sweep_size": 3}})
async def test_many_are_told_of_in_steps(crm: TestCrm) -> None:
    """Each step a transaction; none is left out, none told of twice."""
    crm.clock.set(NOON)
    currency = await program(crm)
    members = [await member(crm, currency) for _ in range(8)]
    for who in members:
        await earn(crm, who, currency, 1, 3)
    await tell(crm)

    assert sorted(who["id"] for who in members) == sorted(
        event.record_id for event in await crm.happened(LoyaltyPointsExpiring)
    )


async def test_who_stays_away_is_told_of_once_until_they_come_again(crm: TestCrm) -> None:
    """Half a year after they last earned or redeemed, or joined."""
    crm.clock.set(NOON)
    currency = await program(crm)
    who = await member(crm, currency)
    counts = []
    for days in (179, 1, 30):
        crm.clock.move(days=days)
        await tell(crm)
        counts.append(len(await crm.happened(LoyaltyMemberInactive)))
    await earn(crm, who, currency, 1, 1000)
    for days in (179, 1):
        crm.clock.move(days=days)
        await tell(crm)
        counts.append(len(await crm.happened(LoyaltyMemberInactive)))

    assert [0, 1, 1, 1, 2] == counts
    assert NOON == (await crm.happened(LoyaltyMemberInactive))[0].active_at


@pytest.mark.crm_settings(plugins={"loyalty": {"warn_days": 0, "inactive_days": 0}})
async def test_signals_can_be_switched_off(crm: TestCrm) -> None:
    """Then nobody is told of anything."""
    crm.clock.set(NOON)
    currency = await program(crm)
    await earn(crm, await member(crm, currency), currency, 1, 1)
    await tell(crm)
    crm.clock.move(days=999)
    await tell(crm)

    assert [] == [*await crm.happened(LoyaltyPointsExpiring), *await crm.happened(LoyaltyMemberInactive)]


async def test_a_member_hears_of_their_own_points(crm: TestCrm) -> None:
    """The subscription tells as it happens, of one member or of all."""
    crm.clock.set(NOON)
    currency = await program(crm)
    other, who = await member(crm, currency), await member(crm, currency)
    text = f'subscription {{ loyaltyPointsExpiring(memberId: "{who.shown_id}") {{ record {{ id }} }} }}'
    heard = crm.subscribe(text, actor=Actor.system(), after=str(await crm.feed.end()))
    for one in (other, who):
        await earn(crm, one, currency, 1, 1)
    await tell(crm)
    told = await asyncio.wait_for(anext(heard), 20)

    assert {"id": who.shown_id} == told["data"]["loyaltyPointsExpiring"]["record"]
