"""Purposes, notices and decisions as tests need them."""

from __future__ import annotations

from typing import Any

from crmcore_compliance.consent.decision import Decision
from crmcore_compliance.consent.recording import record
from crmcore_compliance.tables.consent import ComplianceConsentKind

from crmcore import Actor
from crmcore.testing import Made, TestCrm

__all__ = ["decide", "made_purpose", "notice"]


async def made_purpose(crm: TestCrm, code: str, *, needs: str, **values: Any) -> Made:
    """Make a purpose by its basis."""
    return await crm.make("compliance_purpose", code=code, name=code.title(), lawful_basis=needs, **values)


async def notice(crm: TestCrm, code: str = "form") -> Made:
    """Make an edition of a notice."""
    return await crm.make("compliance_notice", code=code, language="en", title="What we do", text="We write to you.")


async def decide(crm: TestCrm, customer: Any, purpose: Any, kind: str, **more: Any) -> dict[str, Any]:
    """Record a decision; consent is informed by a notice."""
    if kind == "GIVEN":
        more.setdefault("notice_id", (await notice(crm))["id"])
    decision = Decision(
        customer_id=customer["id"], purpose_id=purpose["id"], kind=ComplianceConsentKind[kind], channel="web", **more
    )
    return await crm.run(Actor.system("test"), lambda work: record(work, decision))
