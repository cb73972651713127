"""The tables of webhooks: endpoints and deliveries, which clients see, secrets and cursors, which nobody does."""

from __future__ import annotations

from enum import Enum
from typing import ClassVar

from piccolo.table import Table

from crmcore.database.schema import Index
from crmcore.entities import columns as c
from crmcore.entities.columns import Write
from crmcore.entities.record import Record

__all__ = ["DeliveryState", "WebhookCursor", "WebhookDelivery", "WebhookEndpoint", "WebhookSecret"]


class DeliveryState(Enum):
    """Where a delivery stands."""

    WAITING = "waiting"
    DELIVERED = "delivered"
    FAILED = "failed"
    DROPPED = "dropped"


class WebhookEndpoint(Record, Table, tablename="crm_webhook_endpoint"):
    """Somebody else's server that is told of what happens here, as far as one person or one role may see it."""

    url = c.text("Where messages are posted to.", max_length=2048, form="url", personal=False)
    description = c.text("What it is for.", null=True, max_length=1000, personal=False)
    event_types = c.json('Of which events: keys such as "deal.moved", "deal.*" or "*".', null=False, personal=False)
    filter = c.json(
        'Of which records: for each entity a filter as its lists take it, {"deal": {"status": {"eq": "WON"}}}.',
        personal=False,
    )
    enabled = c.flag("Whether messages are sent; what happens while it is off is sent only by a replay.", default=True)
    ordered = c.flag("Whether messages about one record arrive in order; one that fails holds back those behind it.")
    at_once = c.integer(
        "How many messages are under way at once, where order does not matter.", default=5, minimum=1, maximum=100
    )
    user_id = c.link(
        "user",
        "With whose rights events are seen: those of the person who made the endpoint, unless there is a role.",
        references="crmcore.access.tables:User",
        null=True,
        on_delete="SET NULL",
        write=Write.NEVER,
    )
    role_id = c.link(
        "role",
        "With which role's rights events are seen, of people who come and go.",
        references="crmcore.access.tables:Role",
        null=True,
        on_delete="SET NULL",
        write=Write.CREATE,
    )
    scopes = c.json(
        "What the token that made the endpoint was limited to, which limits what is seen; null if it was no token.",
        default=None,
        write=Write.NEVER,
        personal=False,
    )
    failing_since = c.instant("Since when nothing but failures; null while it works.", null=True, write=Write.NEVER)
    disabled_reason = c.text(
        "Why the server switched it off.", null=True, max_length=1000, write=Write.NEVER, personal=False
    )

    __indexes__: ClassVar[tuple[Index, ...]] = (Index(("user_id",)), Index(("role_id",)))


class WebhookDelivery(Record, Table, tablename="crm_webhook_delivery"):
    """That an endpoint is told, or was told, of one event; ended ones are swept away after some weeks."""

    endpoint_id = c.link(
        "webhook_endpoint",
        "Who is told.",
        references=WebhookEndpoint,
        inverse="deliveries",
        inverse_description="What was sent to this endpoint, and what became of it.",
        on_delete="CASCADE",
        write=Write.NEVER,
    )
    message_id = c.text(
        "The header webhook-id: the id of the change, the same in every attempt and replay.",
        write=Write.NEVER,
        personal=False,
    )
    event_type = c.text("What happened, as in deal.moved.", write=Write.NEVER, personal=False)
    record = c.text("Id of the record it happened to; null for a test.", null=True, write=Write.NEVER, personal=False)
    state = c.choice(DeliveryState, "Where it stands.", default=DeliveryState.WAITING, write=Write.NEVER)
    attempts = c.integer("How often it was tried since it was put, or put again.", default=0, write=Write.NEVER)
    attempted_at = c.instant("When it was last tried.", null=True, write=Write.NEVER)
    next_at = c.instant("When it is tried next, if it failed and is tried again.", null=True, write=Write.NEVER)
    status = c.integer("HTTP status of the last answer.", null=True, write=Write.NEVER)
    milliseconds = c.integer("How long the last attempt took.", null=True, write=Write.NEVER)
    answer = c.text(
        "The beginning of the last answer.",
        null=True,
        max_length=1024,
        form="text",
        write=Write.NEVER,
        personal=c.PersonalData("user.content", sensitivity=1),
    )
    error = c.text("Why it was not taken.", null=True, max_length=1000, write=Write.NEVER, personal=False)

    __indexes__: ClassVar[tuple[Index, ...]] = (
        Index(("endpoint_id", "message_id"), unique=True),
        Index(("endpoint_id", "id desc")),
        Index(("updated_at",), where="state <> 'WAITING'"),
        Index(("message_id",), where="state = 'WAITING'"),
    )


class WebhookSecret(Table, tablename="crm_webhook_secret"):
    """What an endpoint's messages are signed with."""

    id = c.identifier("Identifies the row; the newest signs first.")
    endpoint_id = c.link("webhook_endpoint", "Whose.", references=WebhookEndpoint, on_delete="CASCADE")
    secret = c.text("As the receiver has it, whsec_ and base64.", personal=False)
    expires_at = c.instant("When it stops to count, after a rotation.", null=True)

    __indexes__: ClassVar[tuple[Index, ...]] = (Index(("endpoint_id",)),)


class WebhookCursor(Table, tablename="crm_webhook_cursor"):
    """Up to where in the feed an enabled endpoint's deliveries are put; there is none while it is off."""

    id = c.identifier("The endpoint's id.")
    cursor = c.text("As the feed gives it.", personal=False)
