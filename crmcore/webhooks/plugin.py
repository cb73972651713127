"""Webhooks as a plugin: what this package gives the host, by the same hooks as anybody's."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from piccolo.table import Table

from crmcore.entities.action import Action
from crmcore.entities.entity import ALL_ACTIONS, Entity
from crmcore.events import Event
from crmcore.hookspecs import hookimpl
from crmcore.jobs.job import Job
from crmcore.jobs.schedule import Schedule
from crmcore.jobs.service import Service
from crmcore.webhooks import actions, cursors, running, tables
from crmcore.webhooks.delivering import deliver
from crmcore.webhooks.dispatcher import Dispatcher
from crmcore.webhooks.events import WebhookEndpointDisabled
from crmcore.webhooks.replay import replay_range
from crmcore.webhooks.retention import sweep_deliveries
from crmcore.webhooks.rules import prepare_endpoint
from crmcore.webhooks.settings import WebhooksSettings

if TYPE_CHECKING:
    from crmcore.app import Crm


@hookimpl
def crm_settings() -> type[WebhooksSettings]:
    """Bounds, patience, and which networks are allowed."""
    return WebhooksSettings


@hookimpl
def crm_entities() -> Iterable[Entity]:
    """Endpoints and what was sent to them; secrets and cursors are no entities, so that no generic path can read them."""
    # createWebhookEndpoint is a named action that gives the secret too.
    return (
        Entity(
            tables.WebhookEndpoint,
            plural="webhookEndpoints",
            prepare=prepare_endpoint,
            actions=ALL_ACTIONS - {"create", "upsert"},
            label="url",
        ),
        Entity(
            tables.WebhookDelivery,
            plural="webhookDeliveries",
            guarded_by="endpoint_id",
            actions=frozenset(),
            label="event_type",
        ),
    )


@hookimpl
def crm_tables() -> Iterable[type[Table]]:
    """What nobody reads through the API."""
    return (tables.WebhookSecret, tables.WebhookCursor)


@hookimpl
def crm_migrations() -> Path:
    """The folder beside this file."""
    return Path(__file__).with_name("migrations")


@hookimpl
def crm_actions() -> Iterable[Action[..., Any]]:
    """What one can do with an endpoint."""
    return (
        actions.create_webhook_endpoint,
        actions.rotate_webhook_secret,
        actions.test_webhook_endpoint,
        actions.replay_webhook_events,
    )


@hookimpl
def crm_events() -> Iterable[type[Event]]:
    """That the server gave an endpoint up."""
    return (WebhookEndpointDisabled,)


@hookimpl
def crm_jobs() -> Iterable[Job[Any] | Schedule]:
    """Deliveries, replays, and the sweeping of the log."""
    return (
        deliver,
        replay_range,
        sweep_deliveries,
        Schedule(sweep_deliveries(), every=timedelta(hours=1), missed="skip"),
    )


@hookimpl
def crm_background() -> Iterable[Service]:
    """From the feed to deliveries."""
    return (Service("dispatcher", lambda crm: Dispatcher(crm).run()),)


@hookimpl
async def crm_startup(crm: Crm) -> None:
    """Let rules and jobs find the CRM, and the feed keep what is still to be told."""
    running.begin(crm)
    crm.feed.holds.append(lambda: cursors.hindmost(crm.database))


@hookimpl
async def crm_shutdown(crm: Crm) -> None:
    """Close connections to receivers."""
    await running.end(crm)
