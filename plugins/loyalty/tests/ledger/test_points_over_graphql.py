"""The ledger as clients see it."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest
from ledger_stage import Stage, stage

from crmcore import ids
from crmcore.testing import TestCrm

_MEMBER = """query ($id: ID!) { loyaltyMember(id: $id) {
    status program { name currencies { nodes { code } } }
    balances { nodes { available pending held owed accrued redeemed expired currency { code } } }
    standings { nodes { tier { name } state missing nextTier { name } } }
    ledger(first: 20) { nodes { bucket amount balanceAfter number transaction { kind reason } } }
} }"""


async def asked(it: Stage, field: str, shown: str = "LoyaltyTransaction { id kind status points }") -> dict[str, Any]:
    """Ask a mutation of the ledger; return the answer's one field."""
    problem = "Problem { code violations { path code } }"
    answer = await it.crm.execute(f"mutation {{ it: {field} {{ ... on {shown} ... on {problem} }} }}")
    found: dict[str, Any] = answer["data"]["it"]
    return found


async def test_a_member_with_all_there_is_to_see_is_one_statement(crm: TestCrm) -> None:
    """Balances, tiers, progress and the last twenty entries."""
    it = await stage(crm)
    for n in range(12):
        await it.earn(10 + n)
        await it.spend(1)
    with crm.assert_queries(1):
        answer = await crm.execute(_MEMBER, {"id": ids.encode("loyalty_member", it.ada)})
    seen = answer["data"]["loyaltyMember"]

    assert ("174", 20, 24) == (
        seen["balances"]["nodes"][0]["available"],
        len(seen["ledger"]["nodes"]),
        int(seen["ledger"]["nodes"][0]["number"]),
    )


async def test_points_are_moved_by_mutations(crm: TestCrm) -> None:
    """Each gives its transaction; what follows one says which."""
    it = await stage(crm, transferable=True, code="POINTS")
    ada, bob = (ids.encode("loyalty_member", id) for id in (it.ada, await it.member()))
    of = f'memberId: "{ada}", currency: "POINTS"'
    hold = uuid4()
    earned = await asked(it, f'loyaltyAccrue({of}, points: "100", sourceType: "till", sourceId: "7")')
    waits = await asked(it, f'loyaltyAccrue({of}, points: "10", pending: true)')
    both = await asked(it, f'loyaltyAccrue({of}, points: "5", pending: true)')
    done = [
        await asked(it, f'loyaltyActivate(transactionId: "{waits["id"]}")'),
        await asked(it, f'loyaltyCancelPending(transactionId: "{both["id"]}", points: "2")'),
        await asked(it, f'loyaltyRedeem({of}, points: "20")'),
        await asked(it, f'loyaltyReserve({of}, points: "30", id: "{ids.encode("loyalty_transaction", hold)}")'),
        await asked(it, f'loyaltyCapture(holdId: "{ids.encode("loyalty_hold", hold)}", points: "10")'),
        await asked(it, f'loyaltyReverse(transactionId: "{earned["id"]}", points: "40")'),
        await asked(it, f'loyaltyAdjust({of}, points: "-3", reason: "Counted anew.")'),
        await asked(it, f'loyaltyTransfer(fromId: "{ada}", toId: "{bob}", currency: "POINTS", points: "7")'),
        await asked(it, f'loyaltyReserve({of}, points: "5")'),
    ]
    voided = await asked(it, f'loyaltyVoid(holdId: "loyalty_hold_{done[-1]["id"].rpartition("_")[2]}")')
    kinds = ["ACTIVATION", "CANCELLATION", "REDEMPTION", "RESERVATION", "CAPTURE", "REVERSAL", "ADJUSTMENT", "TRANSFER"]

    assert ([*kinds, "RESERVATION"], "RELEASE") == ([one["kind"] for one in done], voided["kind"])
    assert {"available": 30, "pending": 3, "accrued": 73, "redeemed": 30} == await it.account()
    merged = await asked(it, f'loyaltyMergeMembers(fromId: "{ada}", intoId: "{bob}")', "LoyaltyMember { id }")
    assert bob == merged["id"]
    await it.check()


async def test_a_refusal_says_why(crm: TestCrm) -> None:
    """DECLINED is the code, and the violation's says which; the transaction can be read."""
    it = await stage(crm)
    of = f'memberId: "{ids.encode("loyalty_member", it.ada)}", currency: "{ids.encode("loyalty_currency", it.currency_id)}"'
    problem = await asked(it, f'loyaltyRedeem({of}, points: "1")')
    kept = await crm.execute("{ loyaltyTransactions { nodes { status reasonCode member { status } } } }")

    assert {"code": "DECLINED", "violations": [{"path": "points", "code": "INSUFFICIENT_POINTS"}]} == problem
    assert [{"status": "DECLINED", "reasonCode": "INSUFFICIENT_POINTS", "member": {"status": "ACTIVE"}}] == kept[
        "data"
    ]["loyaltyTransactions"]["nodes"]


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        ('currency: "GOLD", points: "1"', "UNKNOWN_CURRENCY"),
        ('currency: "POINTS", points: "1", sourceId: "7"', "INCOMPLETE"),
        ('currency: "POINTS", points: "0"', "TOO_SMALL"),
    ],
)
async def test_what_cannot_be_meant_is_told(crm: TestCrm, arguments: str, code: str) -> None:
    """Before anything is recorded."""
    it = await stage(crm, code="POINTS")
    problem = await asked(it, f'loyaltyAccrue(memberId: "{ids.encode("loyalty_member", it.ada)}", {arguments})')

    assert ("VALIDATION", [code]) == (problem["code"], [v["code"] for v in problem["violations"]])


async def test_a_key_makes_the_transactions_id(crm: TestCrm) -> None:
    """The same request with the same key is the same transaction, even where the key was forgotten by the CRM."""
    it = await stage(crm, code="POINTS")
    ask = f'loyaltyAccrue(memberId: "{ids.encode("loyalty_member", it.ada)}", currency: "POINTS", points: "1", idempotencyKey: "k")'
    first = await asked(it, ask)
    await crm.database.execute("delete from crm_idempotency_key")
    again = await asked(it, ask)

    assert (first, 1) == (again, await it.available())
