"""Partners pay for what they give and are paid for what they take; each use is settled once."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

import pytest
from community_world import World, made, shown
from crmcore_loyalty.community.partners import cost

from crmcore import clock, ids, instants
from crmcore.testing import TestCrm


async def _partner(world: World, **more: object) -> UUID:
    partner = await world.crm.make("loyalty_partner", program_id=world.program, code="AIR", name="Air", **more)
    for direction, price in (("EARN", 500), ("BURN", 400)):
        await world.crm.make(
            "loyalty_partner_rate", partner_id=partner["id"], currency_id=world.points, direction=direction,
            price=price, money="EUR", starts_at=clock.now() - timedelta(days=30),
        )  # fmt: skip
    return partner["id"]


def _asked(verb: str, partner: UUID, member: UUID, points: int, more: str = "") -> str:
    return (
        f"loyaltyPartner{verb}(partnerId: {shown(partner, 'loyalty_partner')}, memberId: {shown(member)}, "
        f'currency: "POINTS", points: "{points}"{more})'
    )


def _settle(partner: UUID) -> str:
    until = instants.wire(clock.now())
    return f'loyaltySettlePartner(partnerId: {shown(partner, "loyalty_partner")}, until: "{until}")'


async def test_a_settlement_has_each_use_once(crm: TestCrm) -> None:
    """What members earned and burned at the partner's is in one settlement, at the rates of the time."""
    world = await made(crm)
    partner, member = await _partner(world), await world.member()
    for verb, points in (("Accrue", 3000), ("Redeem", 1001)):
        answer = await world.do(_asked(verb, partner, member, points))
        assert "LoyaltyTransaction" == answer["__typename"], answer
    crm.clock.move(hours=1)
    settled = await world.do(
        _settle(partner), "... on LoyaltySettlement { transactions earned burned net { amount currency } }"
    )
    # 3 x 5.00 EUR for what was earned, less 1.001 x 4.00 EUR for what was burned.
    expected = {"transactions": 2, "earned": "3000", "burned": "1001", "net": {"amount": "11.00", "currency": "EUR"}}
    assert expected == {name: settled.get(name) for name in expected}, settled
    again = await world.do(_settle(partner))
    assert ["NOTHING_OPEN"] == [v["code"] for v in again["violations"]]


async def test_a_repeated_use_is_one(crm: TestCrm) -> None:
    """The same transaction id moves points, and what the partner owes, once."""
    world = await made(crm)
    partner, member = await _partner(world), await world.member()
    more = f", id: {shown(ids.new(), 'loyalty_transaction')}"
    for _ in range(2):
        answer = await world.do(_asked("Accrue", partner, member, 10, more))
        assert "LoyaltyTransaction" == answer["__typename"], answer
    assert (10, 1) == (
        await world.available(member), await crm.database.fetch_value("select count(*) from loyalty_partner_use"),
    )  # fmt: skip


async def test_a_prepaid_partner_gives_what_it_has_paid_for(crm: TestCrm) -> None:
    """Not a point more; what is refused moves nothing."""
    world = await made(crm)
    partner, member = await _partner(world, prepaid_only=True), await world.member()
    paid = await world.do(f'loyaltyPartnerPrepay(partnerId: {shown(partner, "loyalty_partner")}, points: "15")')
    assert "LoyaltyPartner" == paid["__typename"], paid
    first = await world.do(_asked("Accrue", partner, member, 10))
    second = await world.do(_asked("Accrue", partner, member, 10))
    assert ("LoyaltyTransaction", ["NOT_PREPAID"]) == (first["__typename"], [v["code"] for v in second["violations"]])
    assert 10 == await world.available(member)


async def test_without_a_rate_nothing_moves(crm: TestCrm) -> None:
    """What would cost nobody knows what is refused, with the way out."""
    world = await made(crm)
    partner = await crm.make("loyalty_partner", program_id=world.program, code="SEA", name="Sea")
    answer = await world.do(_asked("Accrue", partner["id"], await world.member(), 10))
    assert ["NO_RATE"] == [v["code"] for v in answer["violations"]]


@pytest.mark.parametrize(("points", "expected"), [(0, 0), (1, 1), (999, 500), (1000, 500), (1001, 501), (3, 2)])
def test_cost_rounds_halves_up(points: int, expected: int) -> None:
    """Points cost their part of the price of a thousand, halves of a minor unit rounded up."""
    assert expected == cost(points, 500)
