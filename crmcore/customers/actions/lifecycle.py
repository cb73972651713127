"""How customers come from one lifecycle stage into another, and that it is remembered."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from crmcore.customers.actions.moment import moment
from crmcore.customers.events import CustomerCreated, CustomerUpdated, LifecycleChanged
from crmcore.entities import actions
from crmcore.entities.action import Ref, action
from crmcore.entities.change import Change
from crmcore.entities.store import Row
from crmcore.entities.work import Work

__all__ = ["convert_lifecycle", "enter_stage", "record_change", "record_first"]


@action(returns="customer")
async def convert_lifecycle(
    work: Work,
    id: Annotated[UUID, Ref("customer"), "Which customer."],
    stage: Annotated[str, "Into which stage: one of the registered lifecycle stages."],
    reason: Annotated[str | None, "Why: a short code of your own."] = None,
    note: Annotated[str | None, "What there is to say about it."] = None,
    at: Annotated[datetime | None, "When it happened, if not now: after the present stage began."] = None,
    expected_version: Annotated[int | None, "Refuse if somebody has written since this version."] = None,
) -> Row:
    """Bring a customer into another lifecycle stage and remember when, why and by whom.

    Raises:

        Invalid: there is no such stage, or `at` is in the future or before the present stage began.
    """
    values = {"lifecycle_stage": stage, "lifecycle_reason": reason, "lifecycle_note": note}
    return await actions.update(work, "customer", id, values, expected_version=expected_version, at=at)


def enter_stage(work: Work, change: Change) -> None:
    """Complete a change of stage: since when, and no reason that belonged to the stage before."""
    if not change.changed("lifecycle_stage"):
        change.values.pop("lifecycle_entered_at", None)
        return
    for column in ("lifecycle_reason", "lifecycle_note"):
        if column not in change.given:
            change.values[column] = None
    if change.kind == "create" and "created_at" in change.values and "lifecycle_entered_at" not in change.values:
        change.values["lifecycle_entered_at"] = change.values["created_at"]
    else:
        change.values["lifecycle_entered_at"] = moment(
            work, change, "lifecycle_entered_at", change.was("lifecycle_entered_at")
        )


async def record_first(work: Work, event: CustomerCreated) -> None:
    """Remember the stage a customer begins in."""
    await _record(work, event.record_id, None, event.after)


async def record_change(work: Work, event: CustomerUpdated) -> None:
    """Remember a change of stage, whatever the door it came through, and tell of it."""
    if "lifecycle_stage" not in event.changed:
        return
    before, after = event.before["lifecycle_stage"], event.after["lifecycle_stage"]
    await _record(work, event.record_id, before, event.after)
    told = work.event(
        LifecycleChanged,
        work.entities["customer"],
        event.record_id,
        from_stage=before,
        to_stage=after,
        reason=event.after["lifecycle_reason"],
        note=event.after["lifecycle_note"],
    )
    await work.emit(told)


async def _record(work: Work, customer: UUID, before: str | None, after: Any) -> None:
    values = {
        "customer_id": customer,
        "from_stage": before,
        "to_stage": after["lifecycle_stage"],
        "at": after["lifecycle_entered_at"],
        "reason": after["lifecycle_reason"],
        "note": after["lifecycle_note"],
    }
    await work.insert("lifecycle_change", values)
