"""One delivery: the message is made, signed and sent, and what came of it is written down with the end of the job.

The message is made for each attempt, so nobody is told of what may not be seen any more, and nothing of it is stored
a second time. A process that dies after the answer and before the note sends it again, under the same webhook-id.
"""

from __future__ import annotations

import logging
import random
from datetime import timedelta
from typing import TYPE_CHECKING, Any
from uuid import UUID

from crmcore import clock, tracing
from crmcore.database import ids
from crmcore.entities import store
from crmcore.entities.store import Row
from crmcore.entities.work import Work
from crmcore.errors import Unavailable
from crmcore.events.recorded import Recorded
from crmcore.jobs.job import job
from crmcore.jobs.outcome import Retry
from crmcore.webhooks import log, payload, secrets
from crmcore.webhooks.answer import Answer
from crmcore.webhooks.endpoint import Endpoint, actor_of
from crmcore.webhooks.running import running_on
from crmcore.webhooks.settings import WebhooksSettings
from crmcore.webhooks.signing import signed
from crmcore.webhooks.tables import DeliveryState

if TYPE_CHECKING:
    from crmcore.app import Crm
    from crmcore.jobs.run import Run

__all__ = ["deliver", "send"]

_log = logging.getLogger("crmcore.webhooks")

#: "I do not want to hear of this any more" (RFC 9110, section 15.5.11; Standard Webhooks).
_GONE = 410
_OFF = "The endpoint was switched off before this was sent; switch it on and replay."
_UNSEEN = "The record, or the event, may not be seen with the endpoint's rights any more, or is not kept."


# The setting retry_after says how often, and an endpoint that is down for days is no fault of the job.
@job(retries=1_000_000, timeout=90)
async def deliver(run: Run, delivery_id: UUID) -> None:
    """Send a message to an endpoint."""
    crm = run.crm
    found = await store.select(crm.database, crm.entities["webhook_delivery"], "t.id = $1", delivery_id)
    if not found or found[0]["state"] != DeliveryState.WAITING.name:
        return
    delivery, kind = found[0], crm.entities["webhook_endpoint"]
    endpoint = Endpoint.of((await store.select(crm.database, kind, "t.id = $1", delivery["endpoint_id"]))[0])
    if not endpoint.enabled:
        await run.finish(lambda work: log.note(work, delivery_id, state=DeliveryState.FAILED.name, error=_OFF))
        return
    answer = await send(crm, endpoint, delivery)
    if answer is None:
        await run.finish(lambda work: log.note(work, delivery_id, state=DeliveryState.DROPPED.name, error=_UNSEEN))
    elif answer.error is None:
        await run.finish(lambda work: _delivered(work, endpoint, delivery, answer))
    else:
        await _failed(run, endpoint, delivery, answer)


async def send(crm: Crm, endpoint: Endpoint, delivery: Row) -> Answer | None:
    """Make a delivery's message and send it; None if the endpoint may not be told of that any more."""
    running = running_on(crm.database)
    event = (
        None if delivery["event_type"] == payload.TEST else await crm.feed.event(ids.split(delivery["message_id"])[1])
    )
    try:
        body = await _body(crm, endpoint, delivery, event)
    except Unavailable:
        raise
    except Exception:  # what cannot be told of one event must not hold up what can be told of others
        _log.exception("The message %s to %s cannot be made.", delivery["message_id"], endpoint.shown_id)
        return Answer(0.0, error="The message cannot be made; the server's log says why.")
    answer = None
    if body is not None:
        live = await secrets.live(crm.database, endpoint.id)
        details = {"crm.webhook.endpoint": endpoint.shown_id, "crm.webhook.attempt": delivery["attempts"] + 1}
        with tracing.span("webhook", details, kind="client", parent=None if event is None else event.trace):
            headers = {**signed(delivery["message_id"], clock.now(), body, live), **tracing.headers()}
            answer = await running.sender.send(endpoint.url, body, headers)
    running.figures.count(answer)
    return answer


async def _body(crm: Crm, endpoint: Endpoint, delivery: Row, event: Recorded | None) -> bytes | None:
    if delivery["event_type"] == payload.TEST:
        return payload.of_test(delivery["created_at"])
    if event is None:
        return None
    return await payload.of_event(crm, await actor_of(crm.database, crm.actors, endpoint), event)


async def _delivered(work: Work, endpoint: Endpoint, delivery: Row, answer: Answer) -> None:
    await log.note(
        work, delivery["id"], state=DeliveryState.DELIVERED.name, next_at=None, **_tried(work, delivery, answer)
    )
    await log.working(work, endpoint)


async def _failed(run: Run, endpoint: Endpoint, delivery: Row, answer: Answer) -> None:
    settings = running_on(run.crm.database).settings
    waits = settings.retry_after[delivery["attempts"] :]
    last = not waits or answer.status == _GONE
    wait = 0.0 if last else max(waits[0] * random.uniform(1, 1.1), answer.retry_after or 0)  # noqa: S311 - no secret

    async def noted(work: Work) -> None:
        # Nothing fences this transaction. A worker that stood still past its lease comes here after another one has
        # delivered the message, and must not say that it waits.
        if not await log.is_as_found(work, delivery):
            return
        state = DeliveryState.FAILED if last else DeliveryState.WAITING
        next_at = None if last else work.now + timedelta(seconds=wait)
        await log.note(work, delivery["id"], state=state.name, next_at=next_at, **_tried(work, delivery, answer))
        await log.failing(work, endpoint)
        if reason := _given_up(work, endpoint, answer, settings):
            await log.disable(work, endpoint, reason)

    _log.info("Webhook %s to %s failed: %s", delivery["message_id"], endpoint.shown_id, answer.error)
    if last:
        await run.finish(noted)
        return
    await run.work(noted)
    raise Retry(wait, answer.error or "")


def _given_up(work: Work, endpoint: Endpoint, answer: Answer, settings: WebhooksSettings) -> str | None:
    if answer.status == _GONE:
        return "The server answered 410: it wants no more messages."
    if endpoint.failing_since is not None and work.now - endpoint.failing_since >= settings.patience:
        return (
            f"Every message has failed since {endpoint.failing_since:%Y-%m-%d %H:%M} UTC; the last time: {answer.error}"
        )
    return None


def _tried(work: Work, delivery: Row, answer: Answer) -> dict[str, Any]:
    return {"attempts": delivery["attempts"] + 1, "attempted_at": work.now, **log.result(answer)}
