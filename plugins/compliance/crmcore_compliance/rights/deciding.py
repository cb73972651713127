"""Somebody decides on a request: approved ones are carried out by a job."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from crmcore import Ref, Row, Work, action, errors
from crmcore_compliance.rights.clocks import CLOCKS, extended
from crmcore_compliance.rights.permissions import REQUESTS
from crmcore_compliance.rights.processing import carry_out
from crmcore_compliance.rights.records import alter, locked
from crmcore_compliance.rights.states import may_become
from crmcore_compliance.rights.steps import STEPS
from crmcore_compliance.tables.requests import ComplianceRequestKind
from crmcore_compliance.tables.requests import ComplianceRequestStatus as Status

__all__ = ["ACTIONS"]

_Request = Annotated[UUID, Ref("compliance_request"), "Which request."]
_REQUEST = "compliance_request"


@action(returns=_REQUEST, permission=REQUESTS, since="0.1.0")
async def compliance_approve_request(work: Work, id: _Request) -> Row:
    """Approve a request, or have one that was paused or failed go on: a job carries it out; approving twice changes nothing."""
    request = await locked(work, _REQUEST, id)
    if request["status"] in (Status.IN_PROCESSING.name, Status.COMPLETE.name):
        return request
    if request["status"] != Status.APPROVED.name:
        may_become(request, Status.APPROVED)
        request = await alter(
            work, _REQUEST, request, {"status": Status.APPROVED.name, "decided_at": work.now, "decision_reason": None}
        )
    await work.put(carry_out(request_id=id), key=f"compliance {id}")
    return request


@action(returns=_REQUEST, permission=REQUESTS, since="0.1.0")
async def compliance_deny_request(
    work: Work, id: _Request, reason: Annotated[str, "Why, as the person is told; the law wants one."]
) -> Row:
    """Deny a request."""
    return await _to(work, id, Status.DENIED, decision_reason=reason, decided_at=work.now)


@action(returns=_REQUEST, permission=REQUESTS, since="0.1.0")
async def compliance_ask_for_input(
    work: Work, id: _Request, what: Annotated[str, "What is missing, as the person is told."]
) -> Row:
    """Note that something is missing that only the person can give; the clock goes on."""
    return await _to(work, id, Status.REQUIRES_INPUT, decision_reason=what)


@action(returns=_REQUEST, permission=REQUESTS, since="0.1.0")
async def compliance_note_input(work: Work, id: _Request, details: Annotated[str, "What they gave."]) -> Row:
    """Note what was missing and is there now."""
    return await _to(work, id, Status.PENDING, details=details, decision_reason=None)


@action(returns=_REQUEST, permission=REQUESTS, since="0.1.0")
async def compliance_cancel_request(work: Work, id: _Request) -> Row:
    """Note that the person does not want it any more; what is being carried out cannot be stopped so."""
    return await _to(work, id, Status.CANCELED)


@action(returns=_REQUEST, permission=REQUESTS, since="0.1.0")
async def compliance_pause_request(work: Work, id: _Request) -> Row:
    """Keep an approved request from being carried out until it is approved again; the clock goes on."""
    return await _to(work, id, Status.PAUSED)


@action(returns=_REQUEST, permission=REQUESTS, since="0.1.0")
async def compliance_extend_request(
    work: Work, id: _Request, reason: Annotated[str, "Why more time is needed, as the person is told."]
) -> Row:
    """Extend the time to answer, once and before it is over, by as much as the law allows."""
    request = await locked(work, _REQUEST, id)
    regime = request["regime"]
    if not CLOCKS[regime].extends:
        raise errors.Invalid.at("id", "NOT_ALLOWED", f"{regime} gives no more time.")
    if request["extended_at"] is not None:
        raise errors.Invalid.at("id", "NOT_ALLOWED", "The time was extended already; it can be once.")
    if work.now > request["due_at"]:
        raise errors.Invalid.at("id", "TOO_LATE", "The time is over; it must be extended, and they told, before.")
    said = {"extended_at": work.now, "extension_reason": reason}
    return await alter(work, _REQUEST, request, {**said, "due_at": extended(regime, request["received_at"])})


@action(returns=_REQUEST, permission=REQUESTS, since="0.1.0")
async def compliance_complete_request(
    work: Work, id: _Request, said: Annotated[str | None, "What was done."] = None
) -> Row:
    """Note that a request was carried out by people: one that no job carries out, as HUMAN_REVIEW."""
    request = await locked(work, _REQUEST, id)
    if STEPS[ComplianceRequestKind[request["kind"]]]:
        raise errors.Invalid.at("id", "NOT_ALLOWED", f"A job carries out {request['kind']}; approve it.")
    may_become(request, Status.APPROVED)
    done = {"status": Status.COMPLETE.name, "decided_at": work.now, "completed_at": work.now, "decision_reason": said}
    return await alter(work, _REQUEST, request, done)


async def _to(work: Work, id: UUID, status: Status, **values: object) -> Row:
    request = await locked(work, _REQUEST, id)
    if request["status"] == status.name:
        return request
    may_become(request, status)
    return await alter(work, _REQUEST, request, {"status": status.name, **values})


ACTIONS = (
    compliance_approve_request,
    compliance_deny_request,
    compliance_ask_for_input,
    compliance_note_input,
    compliance_cancel_request,
    compliance_pause_request,
    compliance_extend_request,
    compliance_complete_request,
)
