"""What rules would give, would have given, and why a transaction is what it is."""

from __future__ import annotations

from datetime import timedelta

from crmcore_loyalty.earning.activities import record
from earning_world import NOON, world

from crmcore.testing import TestCrm

SUPPOSED = """query ($member: ID!, $input: LoyaltySupposed!) { loyaltySimulateAccrual(memberId: $member, input: $input) {
  awards { ruleCode points steps toReferrer } skipped { ruleCode code } } }"""
TRIED = """query ($program: ID!, $rules: [ID!]!, $from: DateTime!, $until: DateTime!) {
  loyaltySimulateRules(programId: $program, ruleIds: $rules, from: $from, until: $until) {
    ruleCode awards members points cost { amount currency } skipped } }"""
WHY = """query ($id: ID!) { loyaltyExplain(transactionId: $id) {
  text ruleCode revision condition inputs inputsSha256 steps } }"""


async def test_what_a_basket_would_earn(crm: TestCrm) -> None:
    """With why the other rules would give nothing; nothing is written."""
    made = await world(crm)
    await made.rule("EURO", effect="PER_AMOUNT", points=1, per_amount=100, money="EUR")
    await made.rule("BIG", condition="order.total >= 100000")
    given = {"currency": "EUR", "lines": [{"total": "2550", "sku": "TEA", "categories": ["DRINKS"]}]}
    answer = await crm.execute(SUPPOSED, {"member": f"loyalty_member_{made.ada['id']}", "input": given})
    seen = answer["data"]["loyaltySimulateAccrual"]

    assert [("EURO", "25", False)] == [(one["ruleCode"], one["points"], one["toReferrer"]) for one in seen["awards"]]
    assert [{"ruleCode": "BIG", "code": "CONDITION"}] == seen["skipped"]
    assert 0 == len(await made.find("loyalty_transaction"))


async def test_what_an_activity_would_earn(crm: TestCrm) -> None:
    """What was given so far counts: the second review of the day would earn nothing."""
    made = await world(crm)
    await made.rule(trigger="ACTION", action="REVIEW", limit_times=1, limit_period="DAY")
    await made.run(lambda work: record(work, made.ada["id"], "REVIEW"))
    variables = {"member": f"loyalty_member_{made.ada['id']}", "input": {"action": "REVIEW"}}
    answer = await crm.execute(SUPPOSED, variables)

    assert [{"ruleCode": "R", "code": "LIMIT"}] == answer["data"]["loyaltySimulateAccrual"]["skipped"]


async def test_nothing_supposed_is_refused(crm: TestCrm) -> None:
    """An order or an activity has to be said."""
    made = await world(crm)
    answer = await crm.execute(SUPPOSED, {"member": f"loyalty_member_{made.ada['id']}", "input": {}})

    assert "Say an order" in answer["errors"][0]["message"]


async def test_a_draft_is_tried_on_what_has_happened(crm: TestCrm) -> None:
    """Orders and activities of a time, with limits, members and what it would have cost; nothing is written."""
    made = await world(crm, currency={"point_cost": 5000, "money": "EUR"})
    order = await made.rule("ORDER", publish=False, limit_times=2, points=100)
    visit = await made.rule("VISIT", publish=False, trigger="VISIT", points=7)
    bob = await made.member()
    for _ in range(3):
        await made.order(1000)
    await made.order(1000, customer={"id": bob["customer_id"]})
    await made.run(lambda work: record(work, bob["id"], "VISIT"))
    await crm.work_off()
    variables = {
        "program": f"loyalty_program_{made.program['id']}",
        "rules": [f"loyalty_rule_{rule['id']}" for rule in (order, visit)],
        "from": (NOON - timedelta(days=1)).isoformat(),
        "until": (NOON + timedelta(days=1)).isoformat(),
    }
    answer = await crm.execute(TRIED, variables)

    assert [
        {
            "ruleCode": "ORDER",
            "awards": 3,
            "members": 2,
            "points": "300",
            "cost": {"amount": "15.00", "currency": "EUR"},
            "skipped": {"LIMIT": 1},
        },
        {
            "ruleCode": "VISIT",
            "awards": 1,
            "members": 1,
            "points": "7",
            "cost": {"amount": "0.35", "currency": "EUR"},
            "skipped": {},
        },
    ] == answer["data"]["loyaltySimulateRules"]
    assert 0 == len(await made.find("loyalty_transaction"))


async def test_who_may_not_publish_may_not_try(crm: TestCrm) -> None:
    """History of all members is looked at, so it needs the permission."""
    made = await world(crm)
    variables = {
        "program": f"loyalty_program_{made.program['id']}",
        "rules": [],
        "from": NOON.isoformat(),
        "until": NOON.isoformat(),
    }
    answer = await crm.execute(TRIED, variables, as_="viewer")

    assert "loyalty.rules" in answer["errors"][0]["message"]


async def test_an_award_can_be_explained(crm: TestCrm) -> None:
    """Rule, revision, what it saw and how it was computed, as they were then."""
    made = await world(crm)
    euro = {"effect": "PER_AMOUNT", "points": 1, "per_amount": 100, "money": "EUR"}
    await made.rule("EURO", condition="order.total > 1000", **euro)
    await made.order(2550)
    await crm.work_off()
    await made.rule("EURO", **(euro | {"points": 9}))
    (given,) = await made.find("loyalty_transaction")
    answer = await crm.execute(WHY, {"id": f"loyalty_transaction_{given['id']}"})
    why = answer["data"]["loyaltyExplain"]

    assert ("EURO", 1, "order.total > 1000", 2550) == (
        why["ruleCode"],
        why["revision"],
        why["condition"],
        why["inputs"]["order.total"],
    )
    assert ["Rule EURO gives 1 for each 100 minor units of EUR: 51/2.", "Rounded (DOWN) that is 25."] == why["steps"]
    assert why["text"].startswith("25 Points at 2026-03-02 12:00 UTC: Points are earned. Rule EURO.")


async def test_who_may_not_see_the_customer_gets_no_explanation(crm: TestCrm) -> None:
    """A transaction is as secret as its member."""
    made = await world(crm)
    await made.rule(trigger="SIGN_UP")
    bob = await made.member()
    (given,) = await made.find("loyalty_transaction", member_id=bob["id"])
    answer = await crm.execute(WHY, {"id": f"loyalty_transaction_{given['id']}"}, as_="sales")

    assert "There is no loyalty transaction" in answer["errors"][0]["message"]
