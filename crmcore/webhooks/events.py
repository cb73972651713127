"""What happens to endpoints beyond what happens to every record."""

from __future__ import annotations

from dataclasses import dataclass

from crmcore.events import Event

__all__ = ["WebhookEndpointDisabled"]


@dataclass(frozen=True, kw_only=True)
class WebhookEndpointDisabled(Event, of="webhook_endpoint"):
    """The server switched an endpoint off; `reason` says why."""

    reason: str
