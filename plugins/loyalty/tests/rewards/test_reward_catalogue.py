"""What is offered, to whom, and where it shows."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from rewards_stage import asked, member, program, purchase, word

from crmcore import Actor, actions, errors
from crmcore.testing import TestCrm

NOON = datetime(2027, 3, 1, 12, tzinfo=UTC)


async def test_what_is_not_offered_is_not_had(crm: TestCrm) -> None:
    """Nor is it in the list of what is."""
    crm.clock.set(NOON)
    currency = await program(crm)
    buyer = await member(crm, currency, 1000)
    later, cases = NOON + timedelta(hours=1), {}
    cases["NOT_OFFERED"] = [{"active": False}, {"valid_from": later}, {"valid_until": NOON}]
    cases["OUT_OF_STOCK"] = [{"stock": 0}]
    cases["OK"] = [{"valid_from": NOON, "valid_until": later}, {"points": 0}, {"stock": 2}]
    outcomes = {
        code: [
            word(await purchase(crm, await crm.make("loyalty_reward", currency=currency, **v), buyer)) for v in values
        ]
        for code, values in cases.items()
    }
    offered = await asked(crm, "{ loyaltyRewardsOffered { totalCount } }")

    assert {code: [code] * len(values) for code, values in cases.items()} == outcomes
    assert len(cases["OK"]) == offered["totalCount"]


@pytest.mark.parametrize(("status", "code"), [("FROZEN", "MEMBER_FROZEN"), ("CLOSED", "MEMBER_NOT_ACTIVE")])
async def test_who_does_not_take_part_gets_nothing(crm: TestCrm, status: str, code: str) -> None:
    """Not even what costs nothing."""
    currency = await program(crm)
    reward, buyer = await crm.make("loyalty_reward", currency=currency, points=0), await member(crm, currency)
    await crm.database.execute("update loyalty_member set status = $1", status)

    assert code == word(await purchase(crm, reward, buyer))


async def test_a_reward_says_what_one_gets(crm: TestCrm) -> None:
    """And costs no less than nothing."""
    wrong: list[tuple[dict[str, Any], str, str]] = [
        ({"kind": "VOUCHER"}, "value", "REQUIRED"),
        ({"kind": "DISCOUNT"}, "percent", "REQUIRED"),
        ({"kind": "TICKET"}, "eventId", "REQUIRED"),
        ({"points": -1}, "points", "TOO_SMALL"),
        ({"valid_from": NOON, "valid_until": NOON}, "validUntil", "TOO_EARLY"),
    ]
    found = []
    for values, *_ in wrong:
        with pytest.raises(errors.Invalid) as refused:
            await crm.make("loyalty_reward", **values)
        found += [(violation.path, violation.code) for violation in refused.value.violations]

    assert [(path, code) for _, path, code in wrong] == found


async def test_a_reward_costs_points_of_its_own_program(crm: TestCrm) -> None:
    """Such as can be spent; and its event is the program's too."""
    ours, theirs = await program(crm), await program(crm)
    counting = await crm.make("loyalty_currency", program=ours["program_id"], kind="QUALIFYING")
    elsewhere = await crm.make("loyalty_event", program=theirs["program_id"])
    base = {"program_id": ours["program_id"], "code": "X", "title": "X", "points": 1}
    wrong = [
        {"currency_id": theirs["id"], "kind": "PRODUCT"},
        {"currency_id": counting["id"], "kind": "PRODUCT"},
        {"currency_id": ours["id"], "kind": "TICKET", "event_id": elsewhere["id"]},
    ]
    codes = []
    for values in wrong:
        with pytest.raises(errors.Invalid) as refused:
            await crm.run(Actor.system(), lambda w, v=values: actions.create(w, "loyalty_reward", base | v))
        codes += [v.code for v in refused.value.violations]

    assert ["OTHER_PROGRAM", "CURRENCY_NOT_REDEEMABLE", "OTHER_PROGRAM"] == codes


async def test_rewards_show_in_the_customers_timeline(crm: TestCrm) -> None:
    """With vouchers and tickets, the newest first."""
    crm.clock.set(NOON)
    currency = await program(crm)
    buyer = await member(crm, currency, 100)
    await purchase(
        crm, await crm.make("loyalty_reward", currency=currency, kind="DISCOUNT", percent=5, title="Five off"), buyer
    )
    kinds = "[LOYALTY_REWARD, LOYALTY_VOUCHER]"
    text = f"""
    query ($id: ID!) {{ loyaltyMember(id: $id) {{ customer {{ timeline(kinds: {kinds}) {{ nodes {{
      __typename ... on LoyaltyRewardPurchase {{ reward {{ title }} }} ... on LoyaltyVoucher {{ percent }}
    }} }} }} }} }}
    """
    shown = await asked(crm, text, id=buyer.shown_id)

    assert [
        {"__typename": "LoyaltyRewardPurchase", "reward": {"title": "Five off"}},
        {"__typename": "LoyaltyVoucher", "percent": 5},
    ] == sorted(shown["customer"]["timeline"]["nodes"], key=lambda node: node["__typename"])
