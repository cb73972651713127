"""Decisions are written down as events that stay, and what holds now follows from them."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from crmcore import Created, Row, Updated, Work
from crmcore_compliance.checked import checked
from crmcore_compliance.consent.checking import check
from crmcore_compliance.consent.decision import Decision
from crmcore_compliance.tables.consent import ComplianceConsentKind

__all__ = ["record"]

_EVENT: Final = "compliance_consent_event"
_NOW: Final = "compliance_consent"


async def record(work: Work, decision: Decision) -> Row:
    """Write a decision down and let it count.

    One that was made before another that is known already (a paper form that was lost for a while) is kept, and the later
    one goes on counting.

    Raises:

        Invalid: it could not be shown to be consent; see `check`.
    """
    (customer,) = await work.find("customer", id=decision.customer_id)
    (purpose,) = await work.find("compliance_purpose", id=decision.purpose_id)
    notices = await work.find("compliance_notice", id=decision.notice_id) if decision.notice_id else []
    notice = notices[0] if notices else None
    check(work, decision, purpose, customer, notice)
    standing = await work.find(_NOW, customer_id=customer["id"], purpose_id=purpose["id"])
    values = _values(work, decision, purpose, notice)
    values["previous_id"] = standing[0]["event_id"] if standing else None
    event = await work.insert(_EVENT, checked(work, _EVENT, values))
    await work.emit(work.event(Created, work.entities[_EVENT], event["id"], after=event))
    if not standing:
        await _begin(work, event)
    elif standing[0]["since"] <= event["occurred_at"]:
        await _go_on(work, standing[0], event)
    return event


def _values(work: Work, decision: Decision, purpose: Row, notice: Row | None) -> dict[str, Any]:
    at = decision.occurred_at or work.now
    return {
        "customer_id": decision.customer_id,
        "purpose_id": decision.purpose_id,
        "notice_id": decision.notice_id,
        "notice_sha256": notice["sha256"] if notice else None,
        "kind": decision.kind.name,
        "occurred_at": at,
        "valid_until": _valid_until(decision, purpose, at),
        "channel": decision.channel,
        "language": decision.language or (notice["language"] if notice else None),
        "jurisdiction": decision.jurisdiction,
        "separate": decision.separate,
        "guardian": decision.guardian,
        "reason": decision.reason,
        "proof": dict(decision.proof) if decision.proof is not None else None,
        "signals": dict(decision.signals) if decision.signals is not None else None,
    }


def _valid_until(decision: Decision, purpose: Row, at: datetime) -> datetime | None:
    if decision.kind is not ComplianceConsentKind.GIVEN:
        return None
    longest = at + timedelta(days=purpose["validity_days"]) if purpose["validity_days"] else None
    return min(filter(None, (decision.valid_until, longest)), default=None)


async def _begin(work: Work, event: Row) -> None:
    row = await work.insert(
        _NOW, {"customer_id": event["customer_id"], "purpose_id": event["purpose_id"], **_standing(event)}
    )
    await work.emit(work.event(Created, work.entities[_NOW], row["id"], after=row))


async def _go_on(work: Work, before: Row, event: Row) -> None:
    kind, id = work.entities[_NOW], UUID(str(before["id"]))
    values = _standing(event)
    written = values | work.stamps(kind, created=False) | {"version": before["version"] + 1}
    await work.change(_NOW, id, written)
    told = {"before": before, "after": {**before, **written}, "changed": frozenset(values)}
    await work.emit(work.event(Updated, kind, id, **told))


def _standing(event: Row) -> dict[str, Any]:
    return {
        "status": event["kind"],
        "since": event["occurred_at"],
        "valid_until": event["valid_until"],
        "event_id": event["id"],
    }
