"""What may not be done with a person's data though they are held."""

from __future__ import annotations

from enum import Enum
from typing import ClassVar

from piccolo.table import Table

from crmcore import Index, Record, Write
from crmcore import columns as c
from crmcore_compliance.tables.requests import ComplianceRequest

__all__ = ["ComplianceRestriction", "ComplianceRestrictionKind"]


class ComplianceRestrictionKind(Enum):
    """What a restriction forbids."""

    RESTRICTION = "Any use but keeping, and legal claims (GDPR art. 18)."
    OBJECTION = "Use for one purpose (GDPR art. 21)."


class ComplianceRestriction(Record, Table, tablename="compliance_restriction"):
    """That a person's data may not be used, at all or for a purpose."""

    customer_id = c.link(
        "customer",
        "Whose data.",
        references="crmcore.customers.tables:Customer",
        inverse="complianceRestrictions",
        inverse_description="What may not be done with this customer's data.",
        on_delete="CASCADE",
        write=Write.NEVER,
    )
    kind = c.choice(ComplianceRestrictionKind, "What is forbidden.", write=Write.NEVER)
    purpose = c.text(
        "For an objection: the purpose; null is direct marketing of every kind.",
        null=True,
        max_length=100,
        personal=False,
        write=Write.NEVER,
    )
    reason = c.text("Why.", null=True, max_length=2000, personal="user.content", write=Write.NEVER)
    began_at = c.instant("Since when.", write=Write.NEVER)
    lifted_at = c.instant("When it was lifted; null while it stands.", null=True, write=Write.NEVER)
    lift_reason = c.text("Why it was lifted.", null=True, max_length=2000, personal="user.content", write=Write.NEVER)
    request_id = c.link(
        "compliance_request",
        "The request behind it.",
        references=ComplianceRequest,
        null=True,
        on_delete="SET NULL",
        write=Write.NEVER,
    )

    __indexes__: ClassVar[tuple[Index, ...]] = (
        Index(("customer_id",), where="lifted_at is null", name="compliance_restriction_standing"),
        Index(("customer_id", "began_at desc")),
    )
