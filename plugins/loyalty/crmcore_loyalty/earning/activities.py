"""Visits and whatever else members do: recorded once, however often it is told, and looked at by the rules."""

from __future__ import annotations

import hashlib
import json
from datetime import datetime, timedelta
from typing import Annotated
from uuid import UUID, uuid5

from crmcore import Created, Ref, Row, Work, action, errors, ids
from crmcore_loyalty.earning.giving import Happening, give
from crmcore_loyalty.earning.members import facts_of
from crmcore_loyalty.ledger import Source
from crmcore_loyalty.settings import LoyaltySettings
from crmcore_loyalty.tables.rule_terms import LoyaltyRuleTrigger as Trigger

__all__ = ["RECORD", "VISIT", "loyalty_record", "record"]

RECORD = "loyalty.record"
VISIT = "VISIT"

_AHEAD = timedelta(minutes=5)
_MAKE = """
    insert into loyalty_activity
        (id, version, created_at, updated_at, created_by, updated_by, member_id, action, occurred_at, payload, fingerprint)
    values ($1, 1, $2, $2, $3, $3, $4, $5, $6, $7, $8)
    on conflict (id) do nothing returning id
"""


@action(returns="loyalty_activity", permission=RECORD, since="0.1.0", isolation="read committed")
async def loyalty_record(
    work: Work,
    member_id: Annotated[UUID, Ref("loyalty_member"), "Who did it."],
    action: Annotated[str, "What, as in REVIEW; VISIT is a visit."],
    occurred_at: Annotated[datetime | None, "When; now if nobody says."] = None,
    payload: Annotated[object | None, "More about it, for conditions of rules; nothing about a person."] = None,
    id: Annotated[UUID | None, Ref("loyalty_activity"), "Its id; telling it again under one has no effect."] = None,
) -> Row:
    """Record that a member did something, and let it earn what the rules say."""
    await work.get("loyalty_member", member_id)
    if id is None and work.idempotency_key is not None:
        id = uuid5(member_id, f"{work.actor.id}:{work.idempotency_key}")
    return await record(work, member_id, action, occurred_at=occurred_at, payload=payload, id=id)


async def record(
    work: Work,
    member_id: UUID,
    action: str,
    *,
    occurred_at: datetime | None = None,
    payload: object | None = None,
    id: UUID | None = None,
) -> Row:
    """Record what a member did, whoever tells; run it with `isolation="read committed"`.

    Raises:

        Invalid: no name, or a time that is to come.
        Declined: it was too long ago.
        KeyReused: something else was told under the id.
    """
    at = occurred_at or work.now
    _check(work, action, at, payload)
    asked = [str(member_id), action, at.isoformat() if occurred_at else None, payload]
    fingerprint = hashlib.sha256(json.dumps(asked, sort_keys=True, default=str).encode()).hexdigest()
    kind, id = work.entities["loyalty_activity"], id or ids.new()
    values = (id, work.now, json.dumps(work.actor.stamp), member_id, action, at, json.dumps(payload), fingerprint)
    # Who tells the same at the same time waits here, and then finds it.
    made = await work.rows(_MAKE, *values)
    (kept,) = await work.find("loyalty_activity", id=id)
    if kept["fingerprint"] != fingerprint:
        msg = f"Another activity was recorded under {ids.encode(kind.name, id)}; give each an id of its own."
        raise errors.KeyReused(msg)
    if not made:
        return kept
    await work.emit(work.event(Created, kind, id, after=kept))
    await _earn(work, kept)
    return kept


async def _earn(work: Work, activity: Row) -> None:
    (member,) = await work.find("loyalty_member", id=activity["member_id"])
    (program,) = await work.find("loyalty_program", id=member["program_id"])
    triggers = {Trigger.ACTION} | ({Trigger.VISIT} if activity["action"] == VISIT else set())
    facts = await facts_of(
        work,
        program,
        member,
        triggers,
        activity["occurred_at"],
        action=activity["action"],
        payload=activity["payload"] or {},
    )
    source = Source(type="loyalty_activity", id=str(activity["id"]))
    await give(work, program, [Happening(id=activity["id"], facts=facts, source=source)])


def _check(work: Work, action: str, at: datetime, payload: object) -> None:
    if not action or len(action) > 60:
        raise errors.Invalid.at("action", "REQUIRED", "action: what did they do? At most 60 characters.")
    if payload is not None and not isinstance(payload, dict):
        raise errors.Invalid.at("payload", "MALFORMED", 'payload is an object, as {"stars": 5}.')
    if at > work.now + _AHEAD:
        raise errors.Invalid.at("occurredAt", "IN_THE_FUTURE", "What has not happened yet earns nothing.")
    days = work.settings[LoyaltySettings].late_days
    if at < work.now - timedelta(days=days):
        text = f"It was more than {days} days ago; the setting late_days says how late it may be told."
        raise errors.Declined(text, [errors.Violation("occurredAt", "TOO_LATE", text)])
