"""What can happen, by key: five verbs for every entity, and the events that plugins declare."""

from __future__ import annotations

import inspect
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from crmcore.entities.entity import Entity, snake
from crmcore.entities.registry import Entities
from crmcore.events.event import Created, Deleted, Destroyed, Event, Restored, Updated, specific

__all__ = ["VERBS", "EventType", "EventTypes", "event_key"]

#: What happens to records, by the verb in the key.
VERBS: Mapping[str, type[Event]] = {
    "created": Created,
    "updated": Updated,
    "deleted": Deleted,
    "restored": Restored,
    "destroyed": Destroyed,
}


@dataclass(frozen=True, slots=True)
class EventType:
    """One kind of thing that can happen.

    Attributes:

        key: `customer.created`: the entity's name, a dot, and what happened.
        entity: name of the entity whose records it happens to.
        cls: the class of such events.
        description: one sentence.
        plugin: who declares it.
        since: version of that plugin that has it first, if it says so.
    """

    key: str
    entity: str
    cls: type[Event]
    description: str
    plugin: str
    since: str | None = None


class EventTypes(Mapping[str, EventType]):
    """All event types of a CRM by key, in the order of entities and then of declaration.

    Args:

        entities: each gets the five verbs, without deleted and restored where records cannot be restored.
        declared: other events with the plugin that declares each.
    """

    def __init__(self, entities: Entities, declared: Iterable[tuple[str, type[Event]]] = ()) -> None:
        every = [kind for entity in entities.values() for kind in _of_entity(entity)]
        every += [
            EventType(event_key(cls), cls.of or "", cls, _summary(cls), plugin, cls._since) for plugin, cls in declared
        ]
        self._by_key = {kind.key: kind for kind in every}
        self._keys = {(kind.cls, kind.entity): kind.key for kind in every}

    def __getitem__(self, key: str) -> EventType:
        return self._by_key[key]

    def __iter__(self) -> Iterator[str]:
        return iter(self._by_key)

    def __len__(self) -> int:
        return len(self._by_key)

    def key(self, event: Event) -> str:
        """Return the key of an event.

        Raises:

            TypeError: nobody declares such events.
        """
        found = self._keys.get((type(event), event.entity))
        if found is None:
            name = type(event).__name__
            msg = (
                f"{name} about {event.entity!r} was emitted, which no plugin declares: write `class {name}(Event, "
                f"of={event.entity!r})` and give it by the hook crm_events, so that the change feed knows it."
            )
            raise TypeError(msg)
        return found


def event_key(cls: type[Event]) -> str:
    """Return the key of a declared event: `DealMoved` of `deal` is `deal.moved`."""
    name = snake(cls.__name__)
    return f"{cls.of}.{name.removeprefix(f'{cls.of}_')}"


def _of_entity(entity: Entity) -> Iterator[EventType]:
    for verb, general in VERBS.items():
        if entity.soft_delete or verb not in ("deleted", "restored"):
            cls = specific(general, entity.name)
            said = _summary(cls) if cls is not general else f"{entity.type_name}: {_summary(general)}"
            yield EventType(f"{entity.name}.{verb}", entity.name, cls, said, entity.plugin, entity.since)


def _summary(cls: type[Event]) -> str:
    return " ".join((inspect.getdoc(cls) or "").split("\n\n")[0].split())
