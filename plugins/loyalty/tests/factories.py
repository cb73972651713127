"""What loyalty's records need that their columns do not say."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from crmcore.testing import Factory, TestCrm

__all__ = ["FACTORIES"]


async def _program(crm: TestCrm, given: Mapping[str, Any]) -> Mapping[str, Any]:
    """A program in which members earn, unless a test says otherwise."""
    return {"code": f"P{crm.next_number()}", "status": "ACTIVE"}


async def _member(crm: TestCrm, given: Mapping[str, Any]) -> Mapping[str, Any]:
    """A member with a number, who has just joined."""
    return {
        "number": f"M-{crm.next_number():06}",
        "enrolled_at": crm.clock.now(),
        "customer_id": await crm.make("customer"),
    }


async def _reward(crm: TestCrm, given: Mapping[str, Any]) -> Mapping[str, Any]:
    """A thing for a hundred points of its own program."""
    if "currency_id" in given and "program_id" not in given:
        (currency,) = await crm.database.fetch(
            "select program_id from loyalty_currency where id = $1", given["currency_id"]
        )
        return {"kind": "PRODUCT", "points": 100, "program_id": currency[0]}
    program = {"program": given["program_id"]} if "program_id" in given else {}
    currency = await crm.make("loyalty_currency", **program)
    return {"kind": "PRODUCT", "points": 100, "currency_id": currency["id"], "program_id": currency["program_id"]}


async def _tier_group(crm: TestCrm, given: Mapping[str, Any]) -> Mapping[str, Any]:
    """A ladder by points of a currency of its own program."""
    if given.get("metric", "POINTS") != "POINTS" or "currency_id" in given:
        return {}
    program = {"program": given["program_id"]} if "program_id" in given else {}
    currency = await crm.make("loyalty_currency", **program)
    return {"metric": "POINTS", "currency_id": currency["id"], "program_id": currency["program_id"], "money": None}


async def _tier(crm: TestCrm, given: Mapping[str, Any]) -> Mapping[str, Any]:
    """A tier above those made before it."""
    rank = given.get("rank") or crm.next_number()
    return {"rank": rank, "threshold": rank * 100, "code": f"T{rank}"}


async def _order(crm: TestCrm, given: Mapping[str, Any]) -> Mapping[str, Any]:
    """An order that was paid, of 100 euros unless a test says otherwise."""
    total = given.get("total", 10_000)
    nothing = {"discount": 0, "tax": 0, "shipping": 0}
    return {"status": "PAID", "customer_id": await crm.make("customer"), "subtotal": total, "total": total, **nothing}


async def _of_a_program(crm: TestCrm, given: Mapping[str, Any]) -> Mapping[str, Any]:
    """Points and program of what gives points go together."""
    if "currency_id" in given:
        sql = "select program_id from loyalty_currency where id = $1"
        return {"program_id": await crm.database.fetch_value(sql, given["currency_id"])}
    program = {"program": given["program_id"]} if "program_id" in given else {}
    currency = await crm.make("loyalty_currency", **program)
    return {"currency_id": currency["id"], "program_id": currency["program_id"]}


async def _rule(crm: TestCrm, given: Mapping[str, Any]) -> Mapping[str, Any]:
    """A draft that gives ten points for an order."""
    terms = {"trigger": "ORDER", "effect": "FIXED", "points": 10, "code": f"R{crm.next_number()}"}
    return {**terms, **await _of_a_program(crm, given)}


#: By entity; crmcore's contract checks use them too.
FACTORIES: Mapping[str, Factory] = {
    "loyalty_campaign": _of_a_program,
    "loyalty_rule": _rule,
    "order": _order,
    "loyalty_program": _program,
    "loyalty_member": _member,
    "loyalty_reward": _reward,
    "loyalty_tier_group": _tier_group,
    "loyalty_tier": _tier,
}
