"""Limits keep fraud small, and a person decides on what went over one."""

from __future__ import annotations

import asyncio
from typing import Any
from uuid import UUID

import pytest
from community_world import World, made, shown

from crmcore import errors, ids
from crmcore.testing import TestCrm


async def _limit(world: World, metric: str, most: int, action: str = "BLOCK") -> dict[str, Any]:
    return await world.crm.make(
        "loyalty_limit", currency_id=world.points, metric=metric, hours=24, most=most, action=action
    )


def _redeem(member: UUID, points: int) -> str:
    return f'loyaltyRedeem(memberId: {shown(member)}, currency: "POINTS", points: "{points}")'


async def test_a_limit_declines_what_goes_over_it(crm: TestCrm) -> None:
    """Up to the limit it goes through; after its hours there is room again."""
    world = await made(crm)
    await _limit(world, "REDEEMED", 100)
    member = await world.member(500)
    answers = [await world.do(_redeem(member, points)) for points in (60, 41, 40)]
    assert [None, "DECLINED", None] == [answer.get("code") for answer in answers], answers
    assert ["LIMIT_EXCEEDED"] == [v["code"] for v in answers[1]["violations"]]
    crm.clock.move(hours=25)
    assert "LoyaltyTransaction" == (await world.do(_redeem(member, 100)))["__typename"]


async def test_two_at_one_moment_do_not_slip_through(crm: TestCrm) -> None:
    """Of ten who spend at once as many go through as the limit lets."""
    world = await made(crm)
    await _limit(world, "REDEEMED", 100)
    member = await world.member(1000)
    answers = await asyncio.gather(*(world.do(_redeem(member, 30)) for _ in range(10)))
    assert (3, 910) == (
        sum(answer["__typename"] == "LoyaltyTransaction" for answer in answers), await world.available(member),
    )  # fmt: skip


async def test_a_review_lets_through_as_it_was_asked(crm: TestCrm) -> None:
    """The declined redemption waits as a case; approving it spends the points once, under the case's id."""
    world = await made(crm)
    limit = await _limit(world, "REDEEMED", 10, "REVIEW")
    member = await world.member(100)
    answer = await world.do(_redeem(member, 30))
    assert ["REVIEW_REQUIRED"] == [v["code"] for v in answer["violations"]]
    (case,) = await crm.database.fetch_dicts("select id, limit_id, points, reached, state from loyalty_case")
    assert (limit["id"], 30, 30, "OPEN") == (case["limit_id"], case["points"], case["reached"], case["state"])
    for _ in range(2):
        decided = await world.do(
            f"loyaltyDecideCase(id: {shown(case['id'], 'loyalty_case')}, approve: true)", "... on LoyaltyCase { state }"
        )
        assert "APPROVED" == decided["state"], decided
    assert 70 == await world.available(member)
    other = await world.do(f"loyaltyDecideCase(id: {shown(case['id'], 'loyalty_case')}, approve: false)")
    assert ["DECIDED"] == [v["code"] for v in other["violations"]]


async def test_freezing_stops_the_member_until_decided(crm: TestCrm) -> None:
    """A frozen member spends nothing; rejecting the case thaws it and moves nothing."""
    world = await made(crm)
    await _limit(world, "TRANSACTIONS", 2, "FREEZE")
    member = await world.member(100)
    first, second, third = [await world.do(_redeem(member, 1)) for _ in range(3)]
    assert "LoyaltyTransaction" == first["__typename"]
    assert [["REVIEW_REQUIRED"], ["MEMBER_FROZEN"]] == [[v["code"] for v in a["violations"]] for a in (second, third)]
    (case,) = await crm.database.fetch_dicts("select id from loyalty_case")
    await world.do(f'loyaltyDecideCase(id: {shown(case["id"], "loyalty_case")}, approve: false, note: "Seen.")')
    status = await crm.database.fetch_value("select status from loyalty_member where id = $1", member)
    assert ("ACTIVE", 99) == (status, await world.available(member))


async def test_a_currency_without_limits_does_not_look(crm: TestCrm) -> None:
    """`limited` follows the limits that count."""
    world = await made(crm)
    sql = "select limited from loyalty_currency where id = $1"
    assert not await crm.database.fetch_value(sql, world.points)
    limit = await _limit(world, "EARNED", 5)
    assert await crm.database.fetch_value(sql, world.points)
    update = f"updateLoyaltyLimit(id: {shown(limit['id'], 'loyalty_limit')}, data: {{active: false}})"
    await world.do(update)
    assert not await crm.database.fetch_value(sql, world.points)


async def test_a_repeated_decline_makes_one_case(crm: TestCrm) -> None:
    """The same transaction asked for again is declined again, and nobody has to look twice."""
    world = await made(crm)
    await _limit(world, "EARNED", 5, "REVIEW")
    member, id = await world.member(), ids.new()
    for _ in range(2):
        with pytest.raises(errors.Declined) as declined:
            await world.earn(member, 10, id=id)
        assert ["REVIEW_REQUIRED"] == [v.code for v in declined.value.violations]
    assert 1 == await crm.database.fetch_value("select count(*) from loyalty_case")
