"""Restriction and objection: a person's data stay, and are not used; every query respects a restriction."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Annotated
from uuid import UUID

from crmcore import Access, ActorValue, Entity, Narrowing, Ref, Row, Work, action
from crmcore_compliance.consent.decision import Decision
from crmcore_compliance.consent.recording import record
from crmcore_compliance.rights.outcome import At, Step, StepDone
from crmcore_compliance.rights.permissions import REQUESTS, RESTRICTED
from crmcore_compliance.rights.records import add, alter, locked
from crmcore_compliance.tables.consent import ComplianceConsentKind
from crmcore_compliance.tables.limits import ComplianceRestrictionKind
from crmcore_compliance.tables.requests import ComplianceRequestKind

__all__ = ["LIMITING", "WITHDRAWING", "compliance_lift_restriction", "restricted"]

_ENTITY = "compliance_restriction"
_KINDS = {
    ComplianceRequestKind.RESTRICTION.name: ComplianceRestrictionKind.RESTRICTION.name,
    ComplianceRequestKind.OBJECTION.name: ComplianceRestrictionKind.OBJECTION.name,
}
_FREE = """
    not exists (select 1 from compliance_restriction cr
    where cr.customer_id = {person} and cr.kind = 'RESTRICTION' and cr.lifted_at is null)
"""


async def _limit(work: Work, at: At) -> StepDone:
    request = at.request
    kind = _KINDS[request["kind"]]
    equal = {"customer_id": request["customer_id"], "kind": kind, "purpose": request["purpose"], "lifted_at": None}
    if not await work.find(_ENTITY, **equal):
        await add(work, _ENTITY, {**equal, "began_at": work.now, "request_id": request["id"]})
    return StepDone(rows=1)


async def _tell_consent(work: Work, at: At) -> StepDone:
    """Purposes are where the lawfulness of a use is decided: there it is noted too."""
    withdrawn = at.request["kind"] == ComplianceRequestKind.CONSENT_WITHDRAWAL.name
    if at.request["kind"] == ComplianceRequestKind.RESTRICTION.name:
        return StepDone()
    wanted = at.request["purpose"]
    purposes = [
        one for one in await work.find("compliance_purpose") if _concerns(one["code"], wanted, everything=withdrawn)
    ]
    customer_id = at.request["customer_id"]
    kind = ComplianceConsentKind.WITHDRAWN if withdrawn else ComplianceConsentKind.OBJECTED
    for purpose in purposes:
        decision = Decision(customer_id=customer_id, purpose_id=purpose["id"], kind=kind, channel="request")
        await record(work, decision)
    return StepDone(rows=len(purposes))


def _concerns(code: str, wanted: str | None, *, everything: bool) -> bool:
    if wanted is not None:
        return code == wanted
    return everything or code == "marketing" or code.startswith(("marketing.", "marketing_"))


WITHDRAWING = (Step("consent", inside=_tell_consent),)
LIMITING = (Step("limit", inside=_limit), *WITHDRAWING)


@action(returns=_ENTITY, permission=REQUESTS, since="0.1.0")
async def compliance_lift_restriction(
    work: Work,
    id: Annotated[UUID, Ref(_ENTITY), "Which restriction or objection."],
    reason: Annotated[str, "Why; the person must be told before a restriction is lifted (GDPR art. 18(3))."],
) -> Row:
    """Lift a restriction or an objection; lifting a lifted one changes nothing."""
    row = await locked(work, _ENTITY, id)
    if row["lifted_at"] is not None:
        return row
    return await alter(work, _ENTITY, row, {"lifted_at": work.now, "lift_reason": reason})


def restricted(entities: Mapping[str, Entity]) -> Iterable[Narrowing]:
    """Keep restricted people, and all records that link to them, from those who may not see them.

    What is guarded by such a record follows it by itself.
    """
    yield Narrowing("customer", _free("id"))
    for entity in entities.values():
        if entity.plugin == "compliance" or entity.name == "customer" or entity.guarded_by is not None:
            continue
        columns = [(column, said.target) for column, said in entity.facts.items() if said.target in ("customer", "*")]
        for column, target in columns:
            kind = f"{column.removesuffix('_id')}_type" if target == "*" else None
            yield Narrowing(entity.name, _free(column, kind))


def _free(column: str, kind: str | None = None) -> Callable[[str, Callable[[ActorValue], str], Access], str | None]:
    def sql(alias: str, _bind: Callable[[ActorValue], str], access: Access) -> str | None:
        if access.may(RESTRICTED):
            return None
        free = _FREE.format(person=f"{alias}.{column}")
        return free if kind is None else f"({alias}.{kind} is null or {alias}.{kind} <> 'customer' or {free})"

    return sql
