"""Why personal data may be used: purposes, notices, consent."""

from __future__ import annotations

from crmcore import Entity, Key, Part, Permission, extend
from crmcore_compliance.consent.actions import ACTIONS
from crmcore_compliance.consent.asking import compliance_consent_receipt, compliance_lawful
from crmcore_compliance.consent.expiring import EXPIRY, expire_consents
from crmcore_compliance.consent.lawful import lawful
from crmcore_compliance.consent.permissions import CONSENT_RECORD
from crmcore_compliance.consent.preparing import prepare_notice, prepare_purpose
from crmcore_compliance.consent.reading import consented, for_purpose
from crmcore_compliance.tables.consent import ComplianceConsent, ComplianceConsentEvent
from crmcore_compliance.tables.purposes import ComplianceNotice, CompliancePurpose

__all__ = ["CONSENT", "consented", "for_purpose", "lawful"]

_SINCE = "0.1.0"

CONSENT = Part(
    permissions=(Permission(CONSENT_RECORD, "Record what people decide about the use of their data."),),
    entities=(
        Entity(
            CompliancePurpose,
            plural="compliancePurposes",
            prepare=prepare_purpose,
            keys=(Key("CODE", ("code",)),),
            label="name",
            since=_SINCE,
        ),
        Entity(
            ComplianceNotice,
            plural="complianceNotices",
            prepare=prepare_notice,
            actions=frozenset({"create"}),
            label="title",
            since=_SINCE,
        ),
        Entity(
            ComplianceConsentEvent,
            plural="complianceConsentEvents",
            guarded_by="customer_id",
            actions=frozenset(),
            order=("-occurred_at",),
            since=_SINCE,
        ),
        Entity(
            ComplianceConsent,
            plural="complianceConsents",
            guarded_by="customer_id",
            actions=frozenset(),
            since=_SINCE,
        ),
    ),
    actions=ACTIONS,
    graphql=(
        extend("Query", compliance_lawful, since=_SINCE),
        extend("Query", compliance_consent_receipt, since=_SINCE),
    ),
    jobs=(expire_consents, EXPIRY),
)
