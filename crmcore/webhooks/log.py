"""What becomes of deliveries and of the endpoints they go to, written down."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from crmcore.entities import actions
from crmcore.entities.store import Row
from crmcore.entities.work import Work
from crmcore.webhooks.answer import Answer
from crmcore.webhooks.endpoint import Endpoint
from crmcore.webhooks.events import WebhookEndpointDisabled

__all__ = ["disable", "failing", "is_as_found", "note", "result", "working"]

_WORKING = "update crm_webhook_endpoint set failing_since = null where id = $1 and failing_since is not null"
_FAILING = "update crm_webhook_endpoint set failing_since = $2 where id = $1 and failing_since is null"
#: Characters of a reason that are kept.
_LONGEST = 1000


async def note(work: Work, delivery_id: UUID, **values: Any) -> None:
    """Write down what became of a delivery, by column."""
    await work.change("webhook_delivery", delivery_id, {"updated_at": work.now, **values})


async def is_as_found(work: Work, delivery: Row) -> bool:
    """Say whether a delivery is still as an attempt found it, so that nobody else has tried it since."""
    found = await work.find("webhook_delivery", id=delivery["id"])
    return [(delivery["state"], delivery["attempts"])] == [(row["state"], row["attempts"]) for row in found]


def result(answer: Answer) -> dict[str, Any]:
    """Return what a delivery keeps of an answer, by column."""
    return {
        "status": answer.status,
        "milliseconds": round(answer.seconds * 1000),
        "answer": answer.text,
        "error": answer.error and answer.error[:_LONGEST],
    }


async def working(work: Work, endpoint: Endpoint) -> None:
    """Take note that an endpoint took a message."""
    await work.database.execute(_WORKING, endpoint.id)


async def failing(work: Work, endpoint: Endpoint) -> None:
    """Take note that an endpoint did not take a message."""
    await work.database.execute(_FAILING, endpoint.id, work.now)


async def disable(work: Work, endpoint: Endpoint, reason: str) -> None:
    """Switch an endpoint off, unless it is already, and tell of it."""
    if not await work.find("webhook_endpoint", id=endpoint.id, enabled=True):
        return
    await actions.update(work, "webhook_endpoint", endpoint.id, {"enabled": False}, reason=reason[:_LONGEST])
    kind = work.entities["webhook_endpoint"]
    await work.emit(work.event(WebhookEndpointDisabled, kind, endpoint.id, reason=reason))
