"""What people decided about the use of their data: every event for ever, and what holds now."""

from __future__ import annotations

from enum import Enum
from typing import ClassVar

from piccolo.table import Table

from crmcore import Index, Record, Write
from crmcore import columns as c
from crmcore_compliance.tables.purposes import ComplianceNotice, CompliancePurpose

__all__ = ["ComplianceConsent", "ComplianceConsentEvent", "ComplianceConsentKind"]

_CUSTOMER = "crmcore.customers.tables:Customer"


class ComplianceConsentKind(Enum):
    """What happened to consent: the event states of ISO/IEC TS 27560, and the objection of article 21 of the GDPR."""

    REQUESTED = "The person was asked."
    GIVEN = "They agreed."
    REFUSED = "They did not agree."
    WITHDRAWN = "They agree no more."
    EXPIRED = "The time for which it was given is over."
    INVALIDATED = "It turned out not to count: to have been bundled, forced, or given by somebody else."
    TERMINATED = "The use it was for has ended."
    OBJECTED = "They object to a use that needs no consent."


class ComplianceConsentEvent(Record, Table, tablename="compliance_consent_event"):
    """Something a person decided about a purpose, with the proof of it; never changed and never deleted."""

    customer_id = c.link(
        "customer",
        "Who decided.",
        references=_CUSTOMER,
        null=True,
        on_delete="SET NULL",
        inverse="complianceConsentEvents",
        inverse_description="Everything this person decided about the use of their data.",
        write=Write.NEVER,
    )
    purpose_id = c.link("compliance_purpose", "About which purpose.", references=CompliancePurpose, write=Write.NEVER)
    notice_id = c.link(
        "compliance_notice", "What they were told.", references=ComplianceNotice, null=True, write=Write.NEVER
    )
    notice_sha256 = c.text(
        "The hash of what they were told.", null=True, max_length=64, personal=False, write=Write.NEVER
    )
    kind = c.choice(ComplianceConsentKind, "What happened.", personal=False, write=Write.NEVER)
    occurred_at = c.instant("When.", personal=False, write=Write.NEVER)
    valid_until = c.instant(
        "Until when it counts; empty is until withdrawn.", null=True, personal=False, write=Write.NEVER
    )
    channel = c.text("How it reached us, as in web, paper, phone.", max_length=80, personal=False, write=Write.NEVER)
    language = c.text("In which language they were asked.", null=True, max_length=35, personal=False, write=Write.NEVER)
    jurisdiction = c.text(
        "Whose law it was given under, as in DE or CN.", null=True, max_length=35, personal=False, write=Write.NEVER
    )
    separate = c.flag(
        "Whether it was an act of its own, apart from everything else they agreed to.",
        personal=False,
        write=Write.NEVER,
    )
    guardian = c.text(
        "Which parent or guardian decided for a minor.",
        null=True,
        max_length=200,
        personal="user.name",
        write=Write.NEVER,
    )
    reason = c.text(
        "Why, in their words or ours.",
        null=True,
        max_length=4000,
        form="text",
        personal="user.content",
        write=Write.NEVER,
    )
    proof = c.json(
        "How it can be shown: id of the screen, first half of the address, hash of a confirming token, …",
        personal="user.privacy_preferences",
        write=Write.NEVER,
    )
    signals = c.json(
        "What the browser said: Global Privacy Control, TCF string.",
        personal="user.privacy_preferences",
        write=Write.NEVER,
    )
    previous_id = c.link(
        "compliance_consent_event", "What they decided before.", references="self", null=True, write=Write.NEVER
    )

    __indexes__: ClassVar[tuple[Index, ...]] = (
        Index(("customer_id", "purpose_id")),
        Index(("purpose_id", "occurred_at")),
    )


class ComplianceConsent(Record, Table, tablename="compliance_consent"):
    """What a person's last decision about a purpose is: what follows from their events."""

    customer_id = c.link(
        "customer",
        "Who decided.",
        references=_CUSTOMER,
        on_delete="CASCADE",
        inverse="complianceConsents",
        inverse_description="What this person decided about the use of their data, purpose by purpose.",
        write=Write.NEVER,
    )
    purpose_id = c.link(
        "compliance_purpose",
        "About which purpose.",
        references=CompliancePurpose,
        inverse="consents",
        inverse_description="What people decided about it.",
        write=Write.NEVER,
    )
    status = c.choice(ComplianceConsentKind, "What they decided last.", personal=False, write=Write.NEVER)
    since = c.instant("Since when.", personal=False, write=Write.NEVER)
    valid_until = c.instant(
        "Until when it counts; empty is until withdrawn.", null=True, personal=False, write=Write.NEVER
    )
    event_id = c.link("compliance_consent_event", "The decision.", references=ComplianceConsentEvent, write=Write.NEVER)

    __indexes__: ClassVar[tuple[Index, ...]] = (
        Index(("customer_id", "purpose_id"), unique=True, live=True),
        Index(("purpose_id", "status", "valid_until")),
    )
