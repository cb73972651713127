"""Deliveries as rows: put with the job that makes them, noted when they were tried."""

from __future__ import annotations

import json
from collections.abc import Sequence
from uuid import UUID

from crmcore.database import ids
from crmcore.entities.store import Row
from crmcore.entities.work import Work
from crmcore.events.recorded import Recorded
from crmcore.webhooks.delivering import deliver
from crmcore.webhooks.endpoint import Endpoint
from crmcore.webhooks.log import note
from crmcore.webhooks.tables import DeliveryState

__all__ = ["put", "put_again", "put_one"]

_COLUMNS = "id, version, created_at, updated_at, created_by, updated_by, endpoint_id, message_id, event_type, record, state, attempts"
_INSERT = (
    f"insert into crm_webhook_delivery ({_COLUMNS}) values ($1, 1, $2, $2, $3, $3, $4, $5, $6, $7, 'WAITING', 0) "
    "on conflict (endpoint_id, message_id) do nothing"
)


async def put(work: Work, endpoint: Endpoint, events: Sequence[Recorded]) -> None:
    """Put deliveries of events; those that were put already, by a replay, are left as they are."""
    rows = [(ids.new(), event) for event in events]
    stamp = json.dumps(work.actor.stamp)
    values = [
        (
            id,
            work.now,
            stamp,
            endpoint.id,
            ids.encode("change", event.id),
            event.type,
            ids.encode(event.entity, event.record_id),
        )
        for id, event in rows
    ]
    await work.database.execute_many(_INSERT, values)
    for id, event in rows:
        await _put_job(work, endpoint, id, event.record_id)


async def put_again(work: Work, endpoint: Endpoint, events: Sequence[Recorded], *, delivered_too: bool) -> int:
    """Put deliveries of events again that are not waiting; say how many.

    Args:

        work: the unit of work.
        endpoint: who is told.
        events: of what.
        delivered_too: whether those that arrived are sent again.
    """
    done = {DeliveryState.WAITING.name} if delivered_too else {DeliveryState.WAITING.name, DeliveryState.DELIVERED.name}
    known = {
        event.id: await work.find(
            "webhook_delivery", endpoint_id=endpoint.id, message_id=ids.encode("change", event.id)
        )
        for event in events
    }
    fresh = [event for event in events if not known[event.id]]
    again = [event for event in events if known[event.id] and known[event.id][0]["state"] not in done]
    for event in again:
        id = known[event.id][0]["id"]
        await note(work, id, state=DeliveryState.WAITING.name, attempts=0, error=None)
        await _put_job(work, endpoint, id, event.record_id)
    await put(work, endpoint, fresh)
    return len(again) + len(fresh)


async def put_one(work: Work, endpoint: Endpoint, message_id: UUID, event_type: str) -> Row:
    """Put a delivery that is about no event; return its row."""
    values = {"endpoint_id": endpoint.id, "message_id": ids.encode("test", message_id), "event_type": event_type}
    row = await work.insert("webhook_delivery", values)
    await _put_job(work, endpoint, row["id"], None)
    return row


async def _put_job(work: Work, endpoint: Endpoint, id: UUID, record_id: UUID | None) -> None:
    if endpoint.ordered and record_id is not None:
        await work.put(deliver(delivery_id=id), lane=f"{endpoint.id}:{record_id}", ordered=True)
    else:
        await work.put(deliver(delivery_id=id), lane=str(endpoint.id), at_once=endpoint.at_once)
