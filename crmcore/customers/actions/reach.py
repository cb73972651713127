"""What must be true of contact points, addresses and relations before they are written."""

from __future__ import annotations

from crmcore.customers.actions.normal import normalized
from crmcore.customers.actions.primary import only_one
from crmcore.customers.tables import ContactType
from crmcore.entities.change import Change
from crmcore.entities.work import Work

__all__ = ["prepare_address", "prepare_contact_point", "prepare_customer_relation"]


async def prepare_contact_point(work: Work, change: Change) -> None:
    """Complete a contact point with its compared form; a new value has yet to be seen to work."""
    if change.kind in ("create", "update") and not change.violations and _differs(change):
        try:
            change.values["normalized"] = normalized(ContactType[change.get("type")], change.get("value"))
        except ValueError as problem:
            change.refuse("value", "MALFORMED", f"value: {problem}")
        if change.kind == "update" and change.changed("normalized"):
            change.values = {"state": "UNKNOWN", "verified_at": None, **change.values}
    await only_one(work, change, "is_primary", ("customer_id", "type"))


def _differs(change: Change) -> bool:
    return change.changed("value") or change.changed("type")


async def prepare_address(work: Work, change: Change) -> None:
    """Check that a place on earth has both coordinates."""
    if change.kind in ("create", "update") and (change.get("latitude") is None) != (change.get("longitude") is None):
        change.refuse("latitude", "INCOMPLETE", "latitude and longitude go together; give both or neither.")
    await only_one(work, change, "is_primary", ("customer_id", "type"))


async def prepare_customer_relation(work: Work, change: Change) -> None:
    """Check that a relation has two ends and does not end before it begins."""
    if change.kind in ("create", "update"):
        if change.get("from_id") is not None and change.get("from_id") == change.get("to_id"):
            change.refuse("to_id", "SAME_RECORD", "Nobody is in relation to themselves; choose another customer.")
        started, ended = change.get("started_on"), change.get("ended_on")
        if started is not None and ended is not None and ended < started:
            change.refuse("ended_on", "BEFORE_START", f"A relation cannot end on {ended} if it began on {started}.")
    await only_one(work, change, "is_primary", ("from_id", "type"))
