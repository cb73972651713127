"""What people do with endpoints beyond the verbs every entity has."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Annotated
from uuid import UUID

from crmcore.database import ids
from crmcore.entities import actions
from crmcore.entities.action import RecordRef, Ref, action
from crmcore.entities.store import Row
from crmcore.entities.work import Work
from crmcore.errors import Invalid
from crmcore.webhooks import secrets
from crmcore.webhooks.deliveries import put_one
from crmcore.webhooks.endpoint import Endpoint
from crmcore.webhooks.payload import TEST
from crmcore.webhooks.replay import replay_range
from crmcore.webhooks.rights import require_sight
from crmcore.webhooks.running import running_on

__all__ = ["create_webhook_endpoint", "replay_webhook_events", "rotate_webhook_secret", "test_webhook_endpoint"]


@dataclass(frozen=True)
class NewWebhookSecret:
    """A secret that was just made, and what it belongs to."""

    endpoint: Annotated[RecordRef, Ref("webhook_endpoint"), "The endpoint."]
    secret: Annotated[str | None, "What the receiver verifies signatures with; shown this once."] = field(
        metadata={"secret": True}
    )
    previous_until: Annotated[datetime | None, "Until when the secret before it signs too; null if there was none."]


@dataclass(frozen=True)
class WebhookReplay:
    """That events are sent again."""

    endpoint: Annotated[RecordRef, Ref("webhook_endpoint"), "The endpoint."]
    job: Annotated[UUID, Ref("job"), "The job that puts the deliveries."]


@action(returns=NewWebhookSecret)
async def create_webhook_endpoint(
    work: Work,
    url: Annotated[str, "Where messages are posted to, https://…"],
    event_types: Annotated[list[str], 'Of which events: keys such as "deal.moved", "deal.*" or "*".'],
    filter: Annotated[object | None, "For each entity a filter as its lists take it; see WebhookEndpoint."] = None,
    description: Annotated[str | None, "What it is for."] = None,
    enabled: Annotated[bool, "Whether messages are sent from now on."] = True,
    ordered: Annotated[bool, "Whether messages about one record arrive in order."] = False,
    at_once: Annotated[int, "How many messages are under way at once, where order does not matter."] = 5,
    role_id: Annotated[UUID | None, Ref("role"), "With which role's rights events are seen; yours if absent."] = None,
) -> NewWebhookSecret:
    """Have somebody else's server told of what happens from now on, as far as you may see it; gives the secret, once."""
    values: Row = {"url": url, "event_types": event_types, "filter": filter, "description": description}
    values |= {"enabled": enabled, "ordered": ordered, "at_once": at_once, "role_id": role_id}
    made = await actions.create(work, "webhook_endpoint", values)
    secret = await secrets.issue(work, made["id"])
    return NewWebhookSecret(RecordRef("webhook_endpoint", made["id"]), secret, None)


@action(returns=NewWebhookSecret)
async def rotate_webhook_secret(
    work: Work,
    id: Annotated[UUID, Ref("webhook_endpoint"), "Which endpoint."],
    overlap_hours: Annotated[int | None, "Hours that the secret so far signs too; 0 if it has leaked."] = None,
) -> NewWebhookSecret:
    """Give an endpoint a new secret; for a while both sign, so that the receiver can change over."""
    await _changed(work, id)
    if overlap_hours is not None and not 0 <= overlap_hours <= 24 * 30:
        raise Invalid.at("overlapHours", "OUT_OF_RANGE", "overlapHours is 0 to 720.")
    overlap = running_on(work.database).settings.overlap if overlap_hours is None else timedelta(hours=overlap_hours)
    until = work.now + overlap
    secret = await secrets.rotate(work, id, until)
    return NewWebhookSecret(RecordRef("webhook_endpoint", id), secret, until)


@action(returns="webhook_delivery")
async def test_webhook_endpoint(work: Work, id: Annotated[UUID, Ref("webhook_endpoint"), "Which endpoint."]) -> Row:
    """Send an endpoint a message of the type webhooks.test; gives the delivery, which says what becomes of it."""
    return await put_one(work, await _changed(work, id), ids.new(), TEST)


@action(returns=WebhookReplay)
async def replay_webhook_events(
    work: Work,
    id: Annotated[UUID, Ref("webhook_endpoint"), "Which endpoint."],
    since: Annotated[datetime, "From when on."],
    until: Annotated[datetime | None, "Until when; now if absent."] = None,
    delivered_too: Annotated[bool, "Whether to send again what was delivered; by its id a receiver knows it."] = False,
) -> WebhookReplay:
    """Send an endpoint the events of some time that it was not told of, as far as it may see them now."""
    await _changed(work, id)
    end = until or work.now
    if since >= end:
        raise Invalid.at("since", "OUT_OF_RANGE", "since must lie before until, and in the past.")
    job = await work.put(replay_range(endpoint_id=id, since=since, until=end, delivered_too=delivered_too))
    return WebhookReplay(RecordRef("webhook_endpoint", id), job)


async def _changed(work: Work, id: UUID) -> Endpoint:
    row = await work.get("webhook_endpoint", id, action="update")
    await require_sight(work, running_on(work.database), row)
    return Endpoint.of(row)
