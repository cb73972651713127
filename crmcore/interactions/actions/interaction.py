"""What must be true of an interaction and of those who take part in it before they are written."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from crmcore.customers.actions.custom_fields import check_custom_fields
from crmcore.entities.change import Change
from crmcore.entities.work import Work

__all__ = ["prepare_interaction", "prepare_interaction_participant"]

Get = Callable[[str], Any]

#: What need not have happened.
_UNHAPPENED = ("PLANNED", "CANCELLED")
#: What a 32-bit column holds: 68 years.
_LONGEST = 2**31 - 1


async def prepare_interaction(work: Work, change: Change) -> None:
    """Check and complete an interaction: when it was, with whom, and which message of its channel it is."""
    if change.kind not in ("create", "update"):
        return
    # Of a new one all there is stands in its values.
    get = change.get if change.kind == "update" else change.values.get
    await _customer(work, change, get)
    _time(change, get)
    _complete(work, change, get)
    if get("external_id") is not None and get("channel") is None:
        change.refuse("channel", "REQUIRED", "An externalId means something only within a channel; say which.")
    if get("visibility") == "PRIVATE" and get("owner_id") is None and get("assignee_id") is None:
        change.refuse(
            "visibility", "NOBODY", "Nobody could read it: a PRIVATE interaction needs an owner or an assignee."
        )
    await check_custom_fields(work, change)


async def _customer(work: Work, change: Change, get: Get) -> None:
    if get("customer_id") is not None:
        return
    if get("deal_id") is not None and "customer_id" not in change.given:
        deals = await work.find("deal", id=get("deal_id"))
        change.values["customer_id"] = deals[0]["customer_id"] if deals else None
    if get("customer_id") is None and get("deal_id") is None and get("direction") != "INBOUND":
        message = "With whom? Only what comes in from somebody unknown, or belongs to a deal, needs no customer."
        change.refuse("customer_id", "REQUIRED", message)


def _time(change: Change, get: Get) -> None:
    began, ended = get("occurred_at"), get("ended_at")
    if began is None and get("status") not in (*_UNHAPPENED, None):
        change.refuse(
            "occurred_at", "REQUIRED", "occurredAt is required unless the interaction is PLANNED or CANCELLED."
        )
    if ended is None:
        return
    if began is None or ended < began:
        change.refuse("ended_at", "BEFORE_START", "It cannot end before it begins; check occurredAt and endedAt.")
    elif change.changed("occurred_at") or change.changed("ended_at"):
        change.values["duration_seconds"] = min((ended - began) // timedelta(seconds=1), _LONGEST)


def _complete(work: Work, change: Change, get: Get) -> None:
    if get("status") != "COMPLETED":
        change.values["completed_at"] = None
    elif get("completed_at") is None:
        happened = get("ended_at") or get("occurred_at")
        change.values["completed_at"] = work.now if change.kind == "update" else happened


async def prepare_interaction_participant(work: Work, change: Change) -> None:  # noqa: ARG001 -- every prepare is called alike
    """Check that a participant is somebody, and one only."""
    if change.kind not in ("create", "update"):
        return
    customer, user = change.get("customer_id"), change.get("user_id")
    if customer is not None and user is not None:
        change.refuse("user_id", "AMBIGUOUS", "One participant is a customer or a colleague; make two for both.")
    elif customer is None and user is None and not change.get("raw_address"):
        change.refuse("raw_address", "REQUIRED", "Who takes part? Give customerId, userId or rawAddress.")
