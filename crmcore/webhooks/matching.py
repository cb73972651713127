"""Which events an endpoint is told of: those of its types, about records it may see, that its filters let through."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from crmcore.access.actor import Actor
from crmcore.entities.entity import Entity
from crmcore.events.recorded import Recorded
from crmcore.webhooks.endpoint import Endpoint, actor_of, wants

if TYPE_CHECKING:
    from crmcore.app import Crm
    from crmcore.webhooks.filters import Asked

__all__ = ["matching", "may_see"]


async def matching(crm: Crm, endpoint: Endpoint, events: Sequence[Recorded]) -> list[Recorded]:
    """Return those of some events that an endpoint is told of, in their order.

    Raises:

        Refusal: one of its filters goes by a field that may not be seen with its rights, or means nothing any more.
    """
    # Heavy: graphql-core and the planner.
    from crmcore.webhooks.filters import Asked, coerced

    actor = await actor_of(crm.database, crm.actors, endpoint)
    by_entity: dict[str, list[Recorded]] = {}
    for event in events:
        # What a plugin wrote that is gone by now has no declaration to go by.
        if event.entity in crm.entities and wants(endpoint.event_types, event.type):
            by_entity.setdefault(event.entity, []).append(event)
    found = set()
    for name, group in by_entity.items():
        entity, given = crm.entities[name], endpoint.filter.get(name)
        filter = None if given is None else coerced(crm, entity, given)
        asked = Asked(crm.database, crm.entities, entity, actor, filter, crm.settings.time_zone)
        found |= {event.id for event in await _let_through(asked, group)}
    return [event for event in events if event.id in found]


async def may_see(crm: Crm, actor: Actor, entity: Entity, event: Recorded) -> bool:
    """Say whether an actor may see, now, the record that something happened to."""
    # Heavy: graphql-core and the planner.
    from crmcore.webhooks.filters import Asked

    return bool(await _let_through(Asked(crm.database, crm.entities, entity, actor, None, "UTC"), [event]))


async def _let_through(asked: Asked, events: Sequence[Recorded]) -> list[Recorded]:
    if asked.sees_all:
        return list(events)
    whole = [event for event in events if event.row is not None]
    bare = [event for event in events if event.row is None]
    through = [whole[place] for place in await asked.rows([event.row or "" for event in whole])] if whole else []
    known = await asked.ids({event.record_id for event in bare}) if bare else set()
    return through + [event for event in bare if event.record_id in known]
