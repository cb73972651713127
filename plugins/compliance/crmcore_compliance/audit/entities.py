"""What the audit log, the access log and the breach register show of themselves."""

from __future__ import annotations

from crmcore import Entity
from crmcore_compliance.audit.breaches import prepare_breach
from crmcore_compliance.tables.access import ComplianceAccess, ComplianceBreach, ComplianceHoneytoken
from crmcore_compliance.tables.audit import ComplianceAuditEntry, ComplianceAuditHead

__all__ = ["ENTITIES"]

_READ_ONLY = frozenset[str]()

ENTITIES = (
    Entity(
        ComplianceAuditEntry, plural="complianceAuditEntries", actions=_READ_ONLY, order=("-number",), since="0.1.0"
    ),
    Entity(ComplianceAuditHead, plural="complianceAuditHeads", actions=_READ_ONLY, order=("-size",), since="0.1.0"),
    Entity(ComplianceAccess, plural="complianceAccesses", actions=_READ_ONLY, order=("-at",), since="0.1.0"),
    Entity(ComplianceHoneytoken, plural="complianceHoneytokens", since="0.1.0"),
    Entity(
        ComplianceBreach,
        plural="complianceBreaches",
        prepare=prepare_breach,
        order=("-detected_at",),
        label="title",
        since="0.1.0",
    ),
)
