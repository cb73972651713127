"""Which events somebody may see, and what is told of them, asked for until the database answers."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Sequence
from typing import TYPE_CHECKING, TypeVar

import msgspec

from crmcore.access.actor import Actor
from crmcore.entities.sealing import Reading
from crmcore.errors import Unavailable
from crmcore.events.sealed import opened
from crmcore.graphql.mutations.values import Value
from crmcore.graphql.roots.shown_change import change_of, known_of
from crmcore.graphql.subscriptions.member import Member
from crmcore.graphql.subscriptions.sources import Happening

if TYPE_CHECKING:
    from crmcore.app import Crm

__all__ = ["changes", "permitted", "reading_of"]

T = TypeVar("T")

#: Seconds until the next try.
_AGAIN = 0.5


async def permitted(crm: Crm, actor: Actor, events: Sequence[Happening]) -> set[Happening]:
    """Return the events that somebody may see."""
    known = await _surely(lambda: known_of(crm, actor, [event.recorded for event in events]))
    ids = {event.id for event in known}
    return {event for event in events if event.recorded.id in ids}


async def changes(crm: Crm, actor: Actor, events: Sequence[Happening], reading: Reading | None) -> list[Value]:
    """Return the `Change` to show of each of some events.

    Args:

        crm: the CRM.
        actor: whose rules apply.
        events: the events.
        reading: for whom they tell values, if they do: whatever of that was sealed is opened for them.
    """
    if reading is not None and (sealed := [event.stored for event in events if event.stored is not event.recorded]):
        # Opened already, but not for anybody.
        await _surely(lambda: opened(crm.database, crm.entities, sealed, reading))
    return [change_of(crm, actor, event.recorded) for event in events]


def reading_of(members: Iterable[Member]) -> Reading:
    """Return the reading of all who are shown something together: one for each person."""
    readings = {
        member.actor.id or id(member): Reading(
            member.actor, member.actor.access.purpose, member.asked.request.request_id
        )
        for member in members
    }
    first, *others = readings.values()
    return msgspec.structs.replace(first, also=tuple(others))


async def _surely(ask: Callable[[], Awaitable[T]]) -> T:
    """Return what is asked for; a database that does not answer is waited for: leaving an event out would be losing it."""
    while True:
        try:
            return await ask()
        except Unavailable:
            await asyncio.sleep(_AGAIN)
