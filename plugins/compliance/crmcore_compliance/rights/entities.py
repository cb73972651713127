"""Which records there are about people's rights; nobody but the server writes most of them."""

from __future__ import annotations

from crmcore import Entity, Timeline
from crmcore_compliance.rights.retention.preparing import prepare_rule
from crmcore_compliance.tables.limits import ComplianceRestriction
from crmcore_compliance.tables.requests import ComplianceHold, ComplianceRequest, ComplianceTask
from crmcore_compliance.tables.retention import ComplianceRetentionRule, ComplianceRetentionRun

__all__ = ["ENTITIES"]

_SINCE = "0.1.0"
_DEMANDED = Timeline(
    "COMPLIANCE_REQUEST",
    "They demanded something by data protection law.",
    at="received_at",
    path=(("customer_id", "customer"),),
)

ENTITIES = (
    Entity(
        ComplianceRequest,
        plural="complianceRequests",
        actions=frozenset(),
        order=("-received_at",),
        timeline=(_DEMANDED,),
        since=_SINCE,
    ),
    Entity(ComplianceTask, plural="complianceTasks", guarded_by="request_id", actions=frozenset(), since=_SINCE),
    Entity(ComplianceHold, plural="complianceHolds", actions=frozenset(), label="reason", since=_SINCE),
    Entity(ComplianceRestriction, plural="complianceRestrictions", actions=frozenset(), since=_SINCE),
    Entity(
        ComplianceRetentionRule,
        plural="complianceRetentionRules",
        prepare=prepare_rule,
        label="name",
        since=_SINCE,
    ),
    Entity(
        ComplianceRetentionRun,
        plural="complianceRetentionRuns",
        guarded_by="rule_id",
        actions=frozenset(),
        since=_SINCE,
    ),
)
