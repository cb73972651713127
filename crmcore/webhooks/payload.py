"""What a message says: type, time, and the record as whoever the endpoint acts for may see it."""

from __future__ import annotations

import json
from datetime import datetime
from typing import TYPE_CHECKING, Any

import msgspec

from crmcore.access.actor import Actor
from crmcore.database import ids, instants
from crmcore.entities import store
from crmcore.entities.entity import Entity
from crmcore.events.codec import row_text
from crmcore.events.details import shown_details
from crmcore.events.recorded import Recorded
from crmcore.events.shown import shown
from crmcore.webhooks.matching import may_see

if TYPE_CHECKING:
    from crmcore.app import Crm

__all__ = ["TEST", "of_event", "of_test"]

#: The type of messages that are about nothing.
TEST = "webhooks.test"


def of_test(at: datetime) -> bytes:
    """Return the body of a test."""
    said = "This is a test of crmcore's webhooks: nothing happened."
    return msgspec.json.encode({"type": TEST, "timestamp": instants.wire(at), "data": {"message": said}})


async def of_event(crm: Crm, actor: Actor, event: Recorded) -> bytes | None:
    """Return the body that tells of an event, None if the actor may not see the record any more."""
    entity = crm.entities.get(event.entity)
    if entity is None or not await may_see(crm, actor, entity, event):
        return None
    data = {"id": ids.encode(entity.name, event.record_id), "entity": entity.name, "event": _head(event)}
    data |= await _told(crm, actor, entity, event)
    return msgspec.json.encode({"type": event.type, "timestamp": instants.wire(event.at), "data": data})


def _head(event: Recorded) -> dict[str, Any]:
    who = json.loads(event.actor)
    actor = {"type": who["type"], "actorId": who["id"], "label": who["label"]}
    return {"id": ids.encode("change", event.id), "actor": actor, "requestId": event.request_id}


async def _told(crm: Crm, actor: Actor, entity: Entity, event: Recorded) -> dict[str, Any]:
    row = await _row(crm, entity, event)
    told: dict[str, Any] = {"record": None if row is None else shown(crm.entities, actor.access, entity, row)}
    if row is not None and event.was is not None:
        was = json.loads(event.was)
        before = shown(crm.entities, actor.access, entity, {**row, **was}, was.keys())
        after = shown(crm.entities, actor.access, entity, row, was.keys())
        told["changes"] = {name: {"before": before[name], "after": after[name]} for name in after}
    if event.details is not None:
        told["details"] = shown_details(crm.entities, actor.access, entity, json.loads(event.details))
    return told


async def _row(crm: Crm, entity: Entity, event: Recorded) -> dict[str, Any] | None:
    """Return the record as the event left it; as it is now if the event has details instead of a row."""
    text = event.row
    if text is None:
        found = await store.select(crm.database, entity, "t.id = $1", event.record_id)
        text = row_text(found[0], entity) if found else None
    row: dict[str, Any] | None = None if text is None else json.loads(text)
    return row
