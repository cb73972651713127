"""What the tests of rewards share: asking, and members with points."""

from __future__ import annotations

from typing import Any

from crmcore_loyalty import ledger

from crmcore import Actor
from crmcore.testing import Made, TestCrm

__all__ = [
    "FULFIL",
    "PAY",
    "REFUND",
    "asked",
    "available",
    "eur",
    "member",
    "program",
    "purchase",
    "taken",
    "word",
]

_SHOWN = "status points cash { amount } transaction { kind points } reference"
PURCHASE = f"""
mutation ($reward: ID!, $member: ID!, $n: Int, $id: ID) {{
  loyaltyPurchaseReward(rewardId: $reward, memberId: $member, quantity: $n, id: $id) {{
    ... on LoyaltyRewardTaken {{ codes order {{ id {_SHOWN} }} }}
    ... on Problem {{ code violations {{ code }} }}
  }}
}}
"""
PAY = f"""
mutation ($id: ID!) {{
  loyaltyPayReward(id: $id, reference: "P-1") {{
    ... on LoyaltyRewardTaken {{ codes order {{ id {_SHOWN} }} }}
    ... on Problem {{ code violations {{ code }} }}
  }}
}}
"""
REFUND = f"""
mutation ($id: ID!) {{
  loyaltyRefundReward(id: $id, reason: "Broken") {{
    ... on LoyaltyRewardPurchase {{ reason {_SHOWN} }}
    ... on Problem {{ code violations {{ code }} }}
  }}
}}
"""
FULFIL = f"""
mutation ($id: ID!) {{
  loyaltyFulfilReward(id: $id, reference: "DHL-7") {{
    ... on LoyaltyRewardPurchase {{ fulfilledAt {_SHOWN} }}
    ... on Problem {{ code violations {{ code }} }}
  }}
}}
"""


def eur(amount: str) -> dict[str, str]:
    """An amount as clients give it."""
    return {"amount": amount, "currency": "EUR"}


async def asked(crm: TestCrm, text: str, **variables: Any) -> dict[str, Any]:
    """Send an operation of one field; return what it gave."""
    actor = variables.pop("actor", None)
    answer = await crm.execute(text, variables, actor=actor)
    assert "errors" not in answer, answer
    (given,) = answer["data"].values()
    return given  # type: ignore[no-any-return]


def word(given: dict[str, Any]) -> str:
    """Return the word that programs know a refusal by; OK if it is none."""
    if "violations" not in given:
        return "OK"
    return given["violations"][0]["code"] if given["violations"] else given["code"]  # type: ignore[no-any-return]


async def program(crm: TestCrm) -> Made:
    """Make a program's currency that members spend; its row leads to the program."""
    return await crm.make("loyalty_currency", program=await crm.make("loyalty_program"))


async def member(crm: TestCrm, currency: Made, points: int = 0) -> Made:
    """Make a member with points."""
    given = {
        "customer": await crm.make("customer"),
        "number": f"M-{crm.next_number():06}",
        "enrolled_at": crm.clock.now(),
    }
    made = await crm.make("loyalty_member", program=currency["program_id"], **given)
    if points:
        earned = ledger.Accrual(member_id=made["id"], currency_id=currency["id"], points=points)
        await crm.run(Actor.system(), lambda work: ledger.accrue(work, earned), isolation="read committed")
    return made


async def available(crm: TestCrm, owner: Made) -> int:
    """Return how many points a member can spend."""
    sql = "select coalesce(sum(available), 0) from loyalty_account where member_id = $1"
    return int(await crm.database.fetch_value(sql, owner["id"]))


async def purchase(crm: TestCrm, reward: Made, buyer: Made, **more: Any) -> dict[str, Any]:
    """Have a member take a reward."""
    return await asked(crm, PURCHASE, reward=reward.shown_id, member=buyer.shown_id, **more)


async def taken(crm: TestCrm) -> int:
    """Return how many of all rewards are gone."""
    return int(await crm.database.fetch_value("select coalesce(sum(taken), 0) from loyalty_stock"))
