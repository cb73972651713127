"""What can be done about consent: record it, withdraw it, object, note what a browser signals."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated
from uuid import UUID

from crmcore import Ref, Row, Work, action, errors
from crmcore_compliance.consent.decision import Decision
from crmcore_compliance.consent.permissions import CONSENT_RECORD
from crmcore_compliance.consent.recording import record
from crmcore_compliance.tables.consent import ComplianceConsentKind

__all__ = ["ACTIONS", "object_to"]

_SINCE = "0.1.0"
#: What people decide; the rest follows from time and from purposes.
_DECIDED = (
    ComplianceConsentKind.REQUESTED,
    ComplianceConsentKind.GIVEN,
    ComplianceConsentKind.REFUSED,
    ComplianceConsentKind.WITHDRAWN,
    ComplianceConsentKind.INVALIDATED,
    ComplianceConsentKind.OBJECTED,
)

_Customer = Annotated[UUID, Ref("customer"), "Who decided."]
_Purpose = Annotated[UUID, Ref("compliance_purpose"), "About which purpose; each has a decision of its own."]
_Channel = Annotated[str, "How it reached us, as in web, paper, phone."]


@action(returns="compliance_consent_event", permission=CONSENT_RECORD, since=_SINCE)
async def compliance_record_consent(
    work: Work,
    customer_id: _Customer,
    purpose_id: _Purpose,
    kind: Annotated[ComplianceConsentKind, "What they decided."],
    channel: _Channel,
    notice_id: Annotated[UUID | None, Ref("compliance_notice"), "What they were told; needed for GIVEN."] = None,
    occurred_at: Annotated[datetime | None, "When; now if absent."] = None,
    valid_until: Annotated[
        datetime | None, "Until when it counts, if for a shorter time than the purpose says."
    ] = None,
    language: Annotated[str | None, "In which language they were asked; the notice's if absent."] = None,
    jurisdiction: Annotated[str | None, "Whose law it was given under, as in DE or CN."] = None,
    separate: Annotated[bool, "Whether it was an act of its own, apart from all else they agreed to."] = False,
    guardian: Annotated[str | None, "Which parent or guardian decided for a minor."] = None,
    reason: Annotated[str | None, "Why, in their words."] = None,
    proof: Annotated[
        object | None, "How it can be shown: screen, shortened address, hash of a confirming token."
    ] = None,
    signals: Annotated[object | None, "What the browser said."] = None,
) -> Row:
    """Record what a person decided about a purpose, with the proof of it; it counts at once."""
    await _in_reach(work, customer_id, purpose_id)
    if kind not in _DECIDED:
        raise errors.Invalid.at("kind", "NOT_A_DECISION", f"{kind.name} follows from time; nobody decides it.")
    return await record(
        work,
        Decision(
            customer_id=customer_id,
            purpose_id=purpose_id,
            kind=kind,
            channel=channel,
            occurred_at=occurred_at,
            valid_until=valid_until,
            notice_id=notice_id,
            language=language,
            jurisdiction=jurisdiction,
            separate=separate,
            guardian=guardian,
            reason=reason,
            proof=_object("proof", proof),
            signals=_object("signals", signals),
        ),
    )


@action(returns="compliance_consent_event", permission=CONSENT_RECORD, since=_SINCE)
async def compliance_withdraw_consent(
    work: Work,
    customer_id: _Customer,
    purpose_id: _Purpose,
    channel: _Channel,
    reason: Annotated[str | None, "Why, if they say so; nobody need."] = None,
) -> Row:
    """End consent: as easy as giving it (GDPR 7(3), PIPL 15), and from the next read on."""
    await _in_reach(work, customer_id, purpose_id)
    return await _decide(work, customer_id, purpose_id, ComplianceConsentKind.WITHDRAWN, channel, reason)


@action(returns="compliance_consent_event", permission=CONSENT_RECORD, since=_SINCE)
async def compliance_object(
    work: Work,
    customer_id: _Customer,
    purpose_id: _Purpose,
    channel: _Channel,
    reason: Annotated[str | None, "The person's reasons."] = None,
) -> Row:
    """Record an objection to a use that needs no consent (GDPR 21): it is lawful for them no longer."""
    await _in_reach(work, customer_id, purpose_id)
    return await object_to(work, customer_id, purpose_id, channel, reason)


@dataclass(frozen=True, kw_only=True)
class ComplianceSignalled:
    """What followed from a browser's signals."""

    objections: Annotated[int, "To how many purposes the person objects from now on, and did not before."]


@action(returns=ComplianceSignalled, permission=CONSENT_RECORD, since=_SINCE)
async def compliance_record_signals(
    work: Work,
    customer_id: _Customer,
    channel: _Channel,
    gpc: Annotated[bool, "Whether the browser sent Sec-GPC: 1."],
    tcf: Annotated[str | None, "The TCF string, as it was."] = None,
) -> ComplianceSignalled:
    """Note what a person's browser signals; Global Privacy Control is an objection to every purpose that says so."""
    await work.get("customer", customer_id, action="update")
    purposes = await work.find("compliance_purpose", opt_out_by_gpc=True) if gpc else []
    signals = {"gpc": gpc, "tcf": tcf}
    new = 0
    for purpose in purposes:
        there = await work.find("compliance_consent", customer_id=customer_id, purpose_id=purpose["id"])
        if not there or there[0]["status"] != ComplianceConsentKind.OBJECTED.name:
            kind = ComplianceConsentKind.OBJECTED
            await _decide(work, customer_id, purpose["id"], kind, channel, "Global Privacy Control", signals)
            new += 1
    return ComplianceSignalled(objections=new)


async def object_to(work: Work, customer_id: UUID, purpose_id: UUID, channel: str, reason: str | None) -> Row:
    """Record an objection, whoever asks."""
    return await _decide(work, customer_id, purpose_id, ComplianceConsentKind.OBJECTED, channel, reason)


def _object(name: str, value: object | None) -> Mapping[str, object] | None:
    if value is None or isinstance(value, dict):
        return value
    raise errors.Invalid.at(name, "NOT_AN_OBJECT", f"{name} is a JSON object.")


async def _in_reach(work: Work, customer_id: UUID, purpose_id: UUID) -> None:
    # Who decided is what the record says of the customer: so it takes the right to change them.
    await work.get("customer", customer_id, action="update")
    await work.get("compliance_purpose", purpose_id)


async def _decide(
    work: Work,
    customer_id: UUID,
    purpose_id: UUID,
    kind: ComplianceConsentKind,
    channel: str,
    reason: str | None,
    signals: Mapping[str, object] | None = None,
) -> Row:
    return await record(
        work,
        Decision(
            customer_id=customer_id, purpose_id=purpose_id, kind=kind, channel=channel, reason=reason, signals=signals
        ),
    )


ACTIONS = (compliance_record_consent, compliance_withdraw_consent, compliance_object, compliance_record_signals)
