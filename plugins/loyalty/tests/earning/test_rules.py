"""Rules are drafted, published, retired, and never changed once members earned by them."""

from __future__ import annotations

from typing import Any

import pytest
from crmcore_loyalty.earning.publishing import loyalty_publish_rule, loyalty_retire_rule
from earning_world import SYSTEM, world

from crmcore import actions, errors
from crmcore.testing import TestCrm

#: What is said of a rule, and why that cannot be meant.
MEANINGLESS: tuple[tuple[dict[str, Any], str], ...] = (
    ({"condition": "order.totl > 1"}, "CONDITION"),
    ({"points": 0}, "REQUIRED"),
    ({"effect": "PER_AMOUNT"}, "REQUIRED"),
    ({"effect": "MULTIPLY", "factor": "1"}, "MALFORMED"),
    ({"effect": "MULTIPLY", "factor": "x"}, "MALFORMED"),
    ({"effect": "MULTIPLY", "factor": "2", "stacking": "EXCLUSIVE"}, "NOTHING_TO_MULTIPLY"),
    ({"stacking": "MULTIPLICATIVE"}, "NOT_A_FACTOR"),
    ({"trigger": "VISIT", "effect": "PER_AMOUNT", "per_amount": 100, "money": "EUR"}, "NO_AMOUNT"),
    ({"trigger": "ACTION"}, "REQUIRED"),
    ({"trigger": "HOLIDAY"}, "REQUIRED"),
    ({"hours": [{"from": "17:00"}]}, "MALFORMED"),
    ({"hours": "evening"}, "MALFORMED"),
    ({"hours": [{"from": "5 pm", "until": "19:00"}]}, "MALFORMED"),
    ({"hours": [{"days": ["SOON"], "from": "17:00", "until": "19:00"}]}, "MALFORMED"),
    ({"budget": 0}, "TOO_SMALL"),
)


async def test_a_draft_must_mean_something(crm: TestCrm) -> None:
    """What cannot be meant is refused when it is saved."""
    made = await world(crm)
    for said, code in MEANINGLESS:
        with pytest.raises(errors.Invalid) as refused:
            await made.rule(publish=False, **said)

        assert [code] == [violation.code for violation in refused.value.violations], said


async def test_points_and_campaign_are_of_the_rules_program(crm: TestCrm) -> None:
    """Points of another program are refused, and a campaign that gives other points."""
    made = await world(crm)
    other = await crm.make("loyalty_currency", program=await crm.make("loyalty_program"))
    campaign = await crm.make("loyalty_campaign", program=other["program_id"], currency=other)
    with pytest.raises(errors.Invalid) as points:
        await made.rule(currency_id=other["id"])
    with pytest.raises(errors.Invalid) as campaigns:
        await made.rule(campaign_id=campaign["id"])

    assert ["OTHER_PROGRAM"] == [violation.code for violation in points.value.violations]
    assert ["OTHER_POINTS"] == [violation.code for violation in campaigns.value.violations]


async def test_what_was_published_is_never_changed(crm: TestCrm) -> None:
    """Neither changed nor deleted, at any door."""
    made = await world(crm)
    rule = await made.rule()
    for change in (
        lambda work: actions.update(work, "loyalty_rule", rule["id"], {"points": 11}),
        lambda work: actions.delete(work, "loyalty_rule", rule["id"]),
        lambda work: actions.destroy(work, "loyalty_rule", rule["id"]),
    ):
        with pytest.raises(errors.Invalid, match="never changed"):
            await crm.run(SYSTEM, change)


async def test_a_new_revision_takes_over(crm: TestCrm) -> None:
    """At one instant, under the same code, and limits go on counting."""
    made = await world(crm)
    first = await made.rule(limit_times=1)
    second = await made.rule(points=20, limit_times=1)
    await made.order(1000)
    await crm.work_off()
    third = await made.rule(points=30, limit_times=1)
    await made.order(1000)
    await crm.work_off()
    (old,) = await made.find("loyalty_rule", id=first["id"])

    assert ([1, 2, 3], "RETIRED") == ([one["revision"] for one in (first, second, third)], old["status"])
    assert 20 == await made.available()


async def test_publishing_and_retiring_twice_has_one_effect(crm: TestCrm) -> None:
    """And drafts are not retired, retired ones not published."""
    made = await world(crm)
    draft = await made.rule("DRAFT", publish=False)
    rule = await made.rule()
    again = await crm.run(SYSTEM, lambda work: loyalty_publish_rule(work, rule["id"]))
    ended = await crm.run(SYSTEM, lambda work: loyalty_retire_rule(work, rule["id"]))
    still = await crm.run(SYSTEM, lambda work: loyalty_retire_rule(work, rule["id"]))

    assert (rule["version"], ended["version"]) == (again["version"], still["version"])
    with pytest.raises(errors.Invalid, match="delete it"):
        await crm.run(SYSTEM, lambda work: loyalty_retire_rule(work, draft["id"]))
    with pytest.raises(errors.Invalid, match="has ended"):
        await crm.run(SYSTEM, lambda work: loyalty_publish_rule(work, rule["id"]))


async def test_a_retired_rule_gives_nothing_more(crm: TestCrm) -> None:
    """What it gave stays."""
    made = await world(crm)
    rule = await made.rule()
    await made.order(1000)
    await crm.work_off()
    await crm.run(SYSTEM, lambda work: loyalty_retire_rule(work, rule["id"]))
    await made.order(1000)
    await crm.work_off()

    assert 10 == await made.available()


async def test_a_campaign_that_was_switched_off_gives_nothing(crm: TestCrm) -> None:
    """Its rules are published, and wait."""
    made = await world(crm)
    campaign = await crm.make(
        "loyalty_campaign", program=made.program, currency=made.currency, code="SPRING", active=False, valid_from=None,
        valid_until=None, budget=None,
    )  # fmt: skip
    await made.rule(campaign_id=campaign["id"])
    await made.order(1000)
    await crm.work_off()

    assert 0 == await made.available()
