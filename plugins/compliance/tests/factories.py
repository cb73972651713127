"""What compliance's records need that their columns do not say; crmcore's contract checks make them so too."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from crmcore.testing import Factory, TestCrm

__all__ = ["FACTORIES"]


async def _purpose(crm: TestCrm, given: Mapping[str, Any]) -> Mapping[str, Any]:
    """A purpose that is lawful by contract, unless a test says otherwise."""
    return {"code": f"purpose.p{crm.next_number()}", "lawful_basis": "CONTRACT", "retention": None}


async def _retention_rule(crm: TestCrm, given: Mapping[str, Any]) -> Mapping[str, Any]:
    """A rule that only has old notes looked at."""
    return {"entity": "interaction", "basis": "occurredAt", "action": "REVIEW", "category": None}


async def _of_a_customer(crm: TestCrm, given: Mapping[str, Any]) -> Mapping[str, Any]:
    """What is about somebody, though nobody may be named."""
    return {} if "customer_id" in given else {"customer_id": await crm.make("customer")}


#: By entity.
FACTORIES: Mapping[str, Factory] = {
    "compliance_consent_event": _of_a_customer,
    "compliance_hold": _of_a_customer,
    "compliance_purpose": _purpose,
    "compliance_request": _of_a_customer,
    "compliance_retention_rule": _retention_rule,
}
