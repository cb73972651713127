"""The rules of properties and viewings, whatever the door."""

from __future__ import annotations

from datetime import datetime, timedelta

from crmcore import ActorType, Change, Work, errors
from crmcore.customers.events import CustomerDeleted

from crmcore_estates.settings import EstatesSettings
from crmcore_estates.tables import EstateStatus, EstateViewingStatus

__all__ = ["keep_sellers", "prepare_estate", "prepare_viewing"]


async def prepare_estate(work: Work, change: Change) -> None:
    """A property that is offered has a price; it is sold by `estateSell`, which says to whom."""
    if change.kind not in ("create", "update"):
        return
    status = change.get("status")
    if change.changed("status") and status == EstateStatus.SOLD.name and not _may_be_told(work, change):
        change.refuse(
            "status", "USE_ESTATE_SELL", "Sell a property by estateSell, which says to whom and for how much."
        )
    if status == EstateStatus.OFFERED.name:
        if change.get("price") is None:
            change.refuse("price", "REQUIRED", "A property that is offered has a price; give one.")
        if change.get("offered_at") is None:
            change.values["offered_at"] = work.now
    if "buyer_id" in change.context:
        change.values |= {"buyer_id": change.context["buyer_id"], "sold_at": work.now}
    elif change.kind == "update" and change.changed("status"):
        change.values |= {"buyer_id": None, "sold_at": None}


async def prepare_viewing(work: Work, change: Change) -> None:
    """A viewing is booked for a time to come, of a property on offer, when nobody else is there."""
    if change.kind not in ("create", "update", "restore"):
        return
    if change.kind == "create" and change.get("minutes") is None:
        change.values["minutes"] = work.settings[EstatesSettings].viewing_minutes
    booked = change.get("status") == EstateViewingStatus.BOOKED.name
    settled = change.kind == "update" and not any(map(change.changed, ("starts_at", "minutes", "status")))
    if not booked or settled or work.actor.type is ActorType.IMPORT:
        return
    if change.get("starts_at") <= work.now:
        change.refuse("startsAt", "IN_THE_PAST", "A viewing is booked for a time to come.")
    estates = await work.find("estate", id=change.get("estate_id"))
    if not estates or estates[0]["status"] != EstateStatus.OFFERED.name:
        change.refuse("estateId", "NOT_OFFERED", "Only a property that is offered can be looked at.")
    if await _somebody_is_there(work, change):
        change.refuse("startsAt", "TAKEN", "Somebody else looks at the property at that time; choose another.")
    # Written, not only read: of two who book one property at one moment one is told to try again, and sees the other's.
    await work.change("estate", change.get("estate_id"), {"booked_at": work.now})


async def keep_sellers(work: Work, event: CustomerDeleted) -> None:
    """Veto: who sells a property stays a customer until it is sold or withdrawn."""
    if await work.find("estate", seller_id=event.record_id, status=EstateStatus.OFFERED.name):
        msg = "This customer has a property on offer; sell or withdraw it before you delete the customer."
        raise errors.InUse(msg)


def _may_be_told(work: Work, change: Change) -> bool:
    # What another CRM exported was true there, and is taken over as it was.
    return "buyer_id" in change.context or work.actor.type is ActorType.IMPORT


async def _somebody_is_there(work: Work, change: Change) -> bool:
    start, end = change.get("starts_at"), _end(change.get("starts_at"), change.get("minutes"))
    booked = EstateViewingStatus.BOOKED.name
    others = await work.find("estate_viewing", estate_id=change.get("estate_id"), status=booked)
    return any(
        other["id"] != change.id and other["starts_at"] < end and start < _end(other["starts_at"], other["minutes"])
        for other in others
    )


def _end(start: datetime, minutes: int) -> datetime:
    return start + timedelta(minutes=minutes)
