"""A test message that is sent at once, past jobs and log: for somebody who waits at a terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import UUID

from crmcore import clock
from crmcore.database import ids
from crmcore.entities import store
from crmcore.errors import NotFound
from crmcore.webhooks.answer import Answer
from crmcore.webhooks.delivering import send
from crmcore.webhooks.endpoint import Endpoint
from crmcore.webhooks.payload import TEST

if TYPE_CHECKING:
    from crmcore.app import Crm

__all__ = ["try_now"]


async def try_now(crm: Crm, endpoint_id: UUID) -> Answer:
    """Send an endpoint a test message and return the answer, whether it is switched on or not.

    Raises:

        NotFound: there is no such endpoint.
    """
    kind = crm.entities["webhook_endpoint"]
    found = await store.select(crm.database, kind, "t.id = $1 and t.deleted_at is null", endpoint_id)
    if not found:
        msg = f"There is no webhook endpoint {ids.encode(kind.name, endpoint_id)}; crm webhooks list shows them."
        raise NotFound(msg)
    row = {"message_id": ids.encode("test", ids.new()), "event_type": TEST, "created_at": clock.now(), "attempts": 0}
    answer = await send(crm, Endpoint.of(found[0]), row)
    assert answer is not None  # a test is about no record, so nothing of it may be kept back
    return answer
