"""A plugin that declares an event of its own and hears of it after the commit."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from crmcore import Crm, Event, Money, after, hookimpl
from crmcore.customers.events import CustomerCreated

plugin_name = "gifts"

heard: list[Event] = []


@dataclass(frozen=True, kw_only=True)
class GiftsGiven(Event, of="customer"):
    """A customer was given something."""

    giver_id: UUID | None
    on: date
    at_noon: datetime
    worth: Money
    wrapping: Mapping[str, Any]
    after: Mapping[str, Any] | None


async def hear(crm: Crm, event: Event) -> None:
    heard.append(event)


@hookimpl
def crm_events() -> Iterable[type[Event]]:
    return [GiftsGiven]


@hookimpl
def crm_handlers() -> Iterable[object]:
    return [after(CustomerCreated, hear, ordered=True)]
