"""Households pool points, and nobody's share is lost."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from community_world import World, made, shown

from crmcore import clock
from crmcore.testing import TestCrm

_POOL = "... on LoyaltyHousehold { id poolId pool { number } }"


async def _household(world: World, *members: UUID, automatic: bool = False) -> tuple[str, UUID]:
    ids = ", ".join(map(shown, members))
    answer = await world.do(f"loyaltyCreateHousehold(memberIds: [{ids}], automatic: {str(automatic).lower()})", _POOL)
    assert "LoyaltyHousehold" == answer["__typename"], answer
    return answer["id"], UUID(answer["poolId"].rsplit("_", 1)[1])


async def test_pooled_points_are_spent_by_any_member(crm: TestCrm) -> None:
    """What one member puts in, another spends; what expires first goes first."""
    world = await made(crm)
    ada, ben = await world.member(), await world.member(300)
    await world.earn(ada, 100, expires_at=clock.now() + timedelta(days=3))
    _, pool = await _household(world, ada, ben)
    for member, points in ((ben, 300), (ada, 100)):
        answer = await world.do(f'loyaltyPoolPoints(memberId: {shown(member)}, currency: "POINTS", points: "{points}")')
        assert "LoyaltyTransaction" == answer["__typename"], answer
    spent = await world.do(f'loyaltyRedeemFromHousehold(memberId: {shown(ben)}, currency: "POINTS", points: "150")')
    assert ("LoyaltyTransaction", 250) == (spent["__typename"], await world.available(pool)), spent


async def test_who_leaves_takes_its_share_along(crm: TestCrm) -> None:
    """A share is what is left of what came from a member; the rest stays in the pool."""
    world = await made(crm)
    ada, ben = await world.member(), await world.member(300)
    await world.earn(ada, 100, expires_at=clock.now() + timedelta(days=3))
    household, pool = await _household(world, ada, ben)
    for member, points in ((ben, 300), (ada, 100)):
        await world.do(f'loyaltyPoolPoints(memberId: {shown(member)}, currency: "POINTS", points: "{points}")')
    await world.do(f'loyaltyRedeemFromHousehold(memberId: {shown(ben)}, currency: "POINTS", points: "60")')
    left = await world.do(f'loyaltyLeaveHousehold(id: "{household}", memberId: {shown(ada)})')
    assert "LoyaltyHousehold" == left["__typename"], left
    # 60 of Ada's 100 expired first and were spent.
    assert (40, 300) == (await world.available(ada), await world.available(pool))
    again = await world.do(f'loyaltyLeaveHousehold(id: "{household}", memberId: {shown(ada)})')
    assert ["NOT_IN_HOUSEHOLD"] == [v["code"] for v in again["violations"]]


async def test_a_member_is_in_one_household(crm: TestCrm) -> None:
    """Who is in a household joins another only after leaving it."""
    world = await made(crm)
    ada, ben = await world.member(), await world.member()
    await _household(world, ada)
    other, _ = await _household(world, ben)
    answer = await world.do(f'loyaltyJoinHousehold(id: "{other}", memberId: {shown(ada)})')
    assert ["IN_ANOTHER_HOUSEHOLD"] == [v["code"] for v in answer["violations"]]
    same = await world.do(f'loyaltyJoinHousehold(id: "{other}", memberId: {shown(ben)})')
    assert "LoyaltyHousehold" == same["__typename"]


async def test_an_automatic_pool_fills_itself_once(crm: TestCrm) -> None:
    """What a member earns goes into the pool, and being told of it twice moves it once."""
    world = await made(crm)
    ada = await world.member()
    _, pool = await _household(world, ada, automatic=True)
    await world.earn(ada, 70)
    await crm.work_off()
    assert (0, 70) == (await world.available(ada), await world.available(pool))


async def test_a_household_is_of_one_program(crm: TestCrm) -> None:
    """Members of two programs cannot pool."""
    world = await made(crm)
    ada = await world.member()
    customer = await crm.make("customer")
    stranger = await crm.make("loyalty_member", customer_id=customer["id"])
    ids = f"{shown(ada)}, {shown(stranger['id'])}"
    answer = await world.do(f"loyaltyCreateHousehold(memberIds: [{ids}])")
    assert ["OTHER_PROGRAM"] == [v["code"] for v in answer["violations"]]
