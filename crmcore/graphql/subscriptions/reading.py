"""Which events somebody may see, asked for until the database answers."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from crmcore.access.actor import Actor
from crmcore.errors import Unavailable
from crmcore.graphql.mutations.values import Value
from crmcore.graphql.roots.shown_change import changes_of
from crmcore.graphql.subscriptions.sources import Happening

if TYPE_CHECKING:
    from crmcore.app import Crm

__all__ = ["permitted"]

#: Seconds until the next try.
_AGAIN = 0.5


async def permitted(crm: Crm, actor: Actor, events: Sequence[Happening]) -> Mapping[Happening, Value]:
    """Return the events that somebody may see, each with the `Change` to show; in order.

    A database that does not answer is waited for: leaving an event out would be losing it.
    """
    while True:
        try:
            values = await changes_of(crm, actor, [event.recorded for event in events])
        except Unavailable:
            await asyncio.sleep(_AGAIN)
        else:
            return {event: value for event, value in zip(events, values, strict=True) if value is not None}
