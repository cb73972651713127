"""Visits and other activities are recorded once, and earn."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from uuid import UUID

import pytest
from crmcore_loyalty.earning.activities import record
from crmcore_loyalty.earning.events import LoyaltyActivityCreated
from earning_world import NOON, World, world

from crmcore import errors
from crmcore.testing import TestCrm

REVIEW = {"trigger": "ACTION", "action": "REVIEW", "condition": "has(payload.stars) && payload.stars >= 4"}
ASKED = """mutation ($member: ID!, $action: String!, $payload: JSON, $key: String) {
  loyaltyRecord(memberId: $member, action: $action, payload: $payload, idempotencyKey: $key) {
    __typename ... on LoyaltyActivity { action payload } ... on Problem { code } } }"""


async def told(made: World, action: str, **more: object) -> None:
    """Record something that Ada did."""
    await made.run(lambda work: record(work, made.ada["id"], action, **more))  # type: ignore[arg-type]


async def test_a_visit_earns(crm: TestCrm) -> None:
    """By rules about visits and by those about the activity VISIT."""
    made = await world(crm)
    await made.rule("VISIT", trigger="VISIT", points=3)
    await made.rule("ACTION", trigger="ACTION", action="VISIT", points=4)
    await made.rule("OTHER", trigger="ACTION", action="REVIEW", points=100)
    await told(made, "VISIT")

    assert 7 == await made.available()


async def test_a_client_tells_of_an_activity_once(crm: TestCrm) -> None:
    """The same idempotency key is the same review; one that the rule does not like earns nothing."""
    made = await world(crm)
    await made.rule(**REVIEW)
    shown = f"loyalty_member_{made.ada['id']}"
    given = {"member": shown, "action": "REVIEW", "key": "k1"}
    answers = [await crm.execute(ASKED, {**given, "payload": {"stars": 5}}) for _ in range(2)]
    await crm.execute(ASKED, {**given, "key": "k2", "payload": {"stars": 2}})

    assert [{"__typename": "LoyaltyActivity", "action": "REVIEW", "payload": {"stars": 5}}] * 2 == [
        answer["data"]["loyaltyRecord"] for answer in answers
    ]
    assert (10, 2) == (await made.available(), len(await made.find("loyalty_activity")))


async def test_one_id_is_one_activity(crm: TestCrm) -> None:
    """Told five times at once it earns once; something else under the same id is refused."""
    made = await world(crm)
    await made.rule(trigger="VISIT")
    id = UUID(int=7)
    await asyncio.gather(*(told(made, "VISIT", id=id, occurred_at=NOON) for _ in range(5)))

    assert (10, 1) == (await made.available(), len(await crm.happened(LoyaltyActivityCreated)))
    with pytest.raises(errors.KeyReused):
        await told(made, "REVIEW", id=id)


async def test_limits_hold_when_many_tell_at_once(crm: TestCrm) -> None:
    """Of ten visits told at the same time three earn, as the rule says."""
    made = await world(crm)
    await made.rule(trigger="VISIT", limit_times=3, limit_period="DAY")
    await asyncio.gather(*(told(made, "VISIT") for _ in range(10)))

    assert 30 == await made.available()


async def test_a_budget_is_never_exceeded(crm: TestCrm) -> None:
    """Ten members at the same time share 45 points: the last gets what is left."""
    made = await world(crm)
    await made.rule(trigger="VISIT", budget=45)
    members = [await made.member() for _ in range(7)]
    units = [lambda work, who=one["id"]: record(work, who, "VISIT") for one in members]
    await asyncio.gather(*(made.run(unit) for unit in units))

    assert [0, 0, 5, 10, 10, 10, 10] == sorted([await made.available(one) for one in members])


async def test_what_was_long_ago_or_is_to_come_is_refused(crm: TestCrm) -> None:
    """Nobody earns for tomorrow, nor for last year."""
    made = await world(crm)
    with pytest.raises(errors.Invalid, match="not happened yet"):
        await told(made, "VISIT", occurred_at=NOON + timedelta(days=1))
    with pytest.raises(errors.Declined, match="30 days"):
        await told(made, "VISIT", occurred_at=NOON - timedelta(days=31))
    with pytest.raises(errors.Invalid, match="object"):
        await told(made, "VISIT", payload=[1])
    with pytest.raises(errors.Invalid, match="what did they do"):
        await told(made, "")


async def test_a_late_visit_counts_on_the_day_it_was(crm: TestCrm) -> None:
    """The limit of a day is that of the day of the visit."""
    made = await world(crm)
    await made.rule(trigger="VISIT", limit_times=1, limit_period="DAY")
    for _ in range(2):
        await told(made, "VISIT")
    await told(made, "VISIT", occurred_at=NOON - timedelta(days=1))

    assert 20 == await made.available()
