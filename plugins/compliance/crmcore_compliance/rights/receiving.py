"""Requests are received and those who ask prove who they are."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from crmcore import Ref, Row, Work, action, errors
from crmcore_compliance.checked import checked
from crmcore_compliance.rights.clocks import due
from crmcore_compliance.rights.keys import pseudonym
from crmcore_compliance.rights.permissions import REQUESTS
from crmcore_compliance.rights.records import add, alter, locked
from crmcore_compliance.rights.states import may_become
from crmcore_compliance.settings import ComplianceSettings
from crmcore_compliance.tables.requests import (
    ComplianceErasureMode,
    ComplianceRegime,
    ComplianceRequestKind,
    ComplianceRequestStatus,
)

__all__ = ["compliance_receive_request", "compliance_verify_identity", "receive"]

_Request = Annotated[UUID, Ref("compliance_request"), "Which request."]


@action(returns="compliance_request", permission=REQUESTS, since="0.1.0")
async def compliance_receive_request(
    work: Work,
    customer_id: Annotated[UUID, Ref("customer"), "Who demands it, or for whom it is demanded."],
    kind: Annotated[ComplianceRequestKind, "What is demanded."],
    regime: Annotated[ComplianceRegime, "By which law."],
    received_at: Annotated[datetime | None, "When it was received; now if nobody says."] = None,
    details: Annotated[str | None, "What they said."] = None,
    changes: Annotated[
        str | None,
        'For RECTIFICATION, as JSON: [{"record": "contact_point_…", "values": {"value": "ada@example.com"}}].',
    ] = None,
    purpose: Annotated[
        str | None, "For OBJECTION and CONSENT_WITHDRAWAL: the purpose; left out, all direct marketing, or all consent."
    ] = None,
    mode: Annotated[ComplianceErasureMode, "For ERASURE: how thoroughly."] = ComplianceErasureMode.SHRED_AND_DELETE,
    external_key: Annotated[str | None, "What another system calls it; delivered twice, it is kept once."] = None,
) -> Row:
    """Receive what a person demands by data protection law; the clock starts when it was received."""
    changed = _read(kind, changes)
    said = {"external_key": external_key, "changes": changed, "purpose": purpose}
    checked(work, "compliance_request", said)
    if external_key is not None and (there := await work.find("compliance_request", external_key=external_key)):
        return there[0]
    await work.get("customer", customer_id, deleted=True)
    return await receive(
        work,
        customer_id,
        kind,
        regime,
        received_at=received_at,
        details=details,
        changes=changed,
        purpose=purpose,
        mode=mode.name,
        external_key=external_key,
    )


async def receive(
    work: Work,
    customer_id: UUID,
    kind: ComplianceRequestKind,
    regime: ComplianceRegime,
    *,
    received_at: datetime | None = None,
    **more: Any,
) -> Row:
    """Write a request down.

    Raises:

        Invalid: it is said to have been received in the future.
    """
    received = received_at or work.now
    if received > work.now:
        raise errors.Invalid.at("receivedAt", "IN_THE_FUTURE", "A request cannot have been received in the future.")
    same = await work.find("compliance_request", customer_id=customer_id, kind=kind.name)
    waiting = [one for one in same if one["status"] in _OPEN]
    values = {
        "customer_id": customer_id,
        "subject": await pseudonym(work.database, customer_id),
        "kind": kind.name,
        "regime": regime.name,
        "received_at": received,
        "due_at": due(regime.name, received, work.settings[ComplianceSettings].request_days),
        "status": (
            ComplianceRequestStatus.DUPLICATE
            if waiting and kind is ComplianceRequestKind.ERASURE
            else ComplianceRequestStatus.IDENTITY_UNVERIFIED
        ).name,
    }
    return await add(work, "compliance_request", {**values, **more})


_OPEN = frozenset(
    one.name
    for one in (
        ComplianceRequestStatus.IDENTITY_UNVERIFIED,
        ComplianceRequestStatus.REQUIRES_INPUT,
        ComplianceRequestStatus.PENDING,
        ComplianceRequestStatus.APPROVED,
        ComplianceRequestStatus.IN_PROCESSING,
        ComplianceRequestStatus.ON_HOLD,
    )
)


@action(returns="compliance_request", permission=REQUESTS, since="0.1.0")
async def compliance_verify_identity(
    work: Work,
    id: _Request,
    method: Annotated[str, "How it was made sure that it is they, as in: signed in, passport seen."],
) -> Row:
    """Note that whoever asks is who they say; from then on somebody can decide."""
    request = await locked(work, "compliance_request", id)
    may_become(request, ComplianceRequestStatus.PENDING)
    said = {"identity_method": method, "verified_at": work.now}
    return await alter(work, "compliance_request", request, {**said, "status": ComplianceRequestStatus.PENDING.name})


def _read(kind: ComplianceRequestKind, changes: str | None) -> list[dict[str, Any]] | None:
    if (changes is not None) != (kind is ComplianceRequestKind.RECTIFICATION):
        message = "RECTIFICATION says by changes what is to be put right, and nothing else does."
        raise errors.Invalid.at("changes", "REQUIRED" if changes is None else "NOT_ALLOWED", message)
    if changes is None:
        return None
    try:
        read = json.loads(changes)
        if not all(isinstance(one["record"], str) and isinstance(one["values"], dict) for one in read):
            raise TypeError  # noqa: TRY301
    except (ValueError, TypeError, KeyError) as wrong:
        message = 'changes is no JSON of the form [{"record": ID, "values": {FIELD: VALUE}}].'
        raise errors.Invalid.at("changes", "MALFORMED", message) from wrong
    return list(read)
