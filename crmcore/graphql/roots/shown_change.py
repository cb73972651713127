"""From events of the feed to values of the type `Change`, for one actor: what they may read, as they may see it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import msgspec

from crmcore.access.actor import Actor, ActorType, Effect
from crmcore.access.fields import effect
from crmcore.database import ids
from crmcore.entities.action import RecordRef
from crmcore.entities.entity import Entity
from crmcore.entities.sealing import Reading
from crmcore.events.details import shown_details
from crmcore.events.reading import readable
from crmcore.events.recorded import Recorded
from crmcore.events.sealed import opened
from crmcore.events.shown import shown
from crmcore.graphql.mutations.values import Value

if TYPE_CHECKING:
    from crmcore.app import Crm

__all__ = ["TELLING", "change_of", "changes_of", "known_of"]

#: Fields of `Change` that show what the event tells.
TELLING = frozenset({"fields", "details"})
#: Columns that are no news of their own: `Change` says when and who.
_STAMPS = frozenset({"id", "version", "created_at", "created_by", "updated_at", "updated_by"})


async def changes_of(crm: Crm, actor: Actor, known: Sequence[Recorded], reading: Reading | None) -> list[Value]:
    """Return events that an actor may read as they may see them; with no reading, nothing in them is opened.

    Args:

        crm: the CRM.
        actor: whose rules apply.
        known: the events, of those that `known_of` gives.
        reading: for whom they tell values, if they do.
    """
    seen = known if reading is None else await opened(crm.database, crm.entities, known, reading)
    return [change_of(crm, actor, event) for event in seen]


async def known_of(crm: Crm, actor: Actor, recorded: Sequence[Recorded]) -> list[Recorded]:
    """Return those of some events that an actor may read, without those of plugins that are gone."""
    allowed = await readable(crm, actor, recorded)
    return [
        event for event, may_read in zip(recorded, allowed, strict=True) if may_read and event.type in crm.event_types
    ]


def change_of(crm: Crm, actor: Actor, event: Recorded) -> Value:
    """Return an event, opened, as an actor may see it."""
    return Value("Change", _Change(crm, actor, event))


class _Change(Mapping[str, Any]):
    """The fields of a `Change` by GraphQL name; what is not asked for is not made."""

    def __init__(self, crm: Crm, actor: Actor, event: Recorded) -> None:
        self._crm, self._actor, self._event = crm, actor, event

    def __getitem__(self, name: str) -> Any:
        return _MADE[name](self)

    def __iter__(self) -> Iterator[str]:
        return iter(_MADE)

    def __len__(self) -> int:
        return len(_MADE)

    @property
    def event(self) -> Recorded:
        return self._event

    @property
    def entity(self) -> Entity:
        return self._crm.entities[self._event.entity]

    def actor(self) -> Value | None:
        name = "createdBy" if self._event.type.endswith(".created") else "updatedBy"
        stamp = self._crm.entities.fields(self._event.entity).get(name)
        if stamp is not None:
            rule = effect(self._crm.entities, self._actor.access, self.entity, stamp)
            if rule is not None and rule >= Effect.MASKED:
                return None
        who = msgspec.json.decode(self._event.actor)
        return Value("Actor", {"type": ActorType(who["type"]), "actorId": who["id"], "label": who["label"]})

    def fields(self) -> list[Value]:
        event = self._event
        if event.row is None:
            return []
        row, was = msgspec.json.decode(event.row), msgspec.json.decode(event.was or "{}")
        match event.type.rpartition(".")[2]:
            case "created":
                before, after = {}, self._shown(row, row)
            case "destroyed":
                before, after = self._shown(row, row), {}
            case _:
                before, after = self._shown({**row, **was}, was), self._shown(row, was)
        changed = [name for name in {**before, **after} if before.get(name) != after.get(name)]
        return [
            Value("FieldChange", {"name": name, "before": before.get(name), "after": after.get(name)})
            for name in changed
        ]

    def details(self) -> dict[str, Any] | None:
        event = self._event
        if event.details is None:
            return None
        return shown_details(self._crm.entities, self._actor.access, self.entity, msgspec.json.decode(event.details))

    def _shown(self, row: Mapping[str, Any], columns: Mapping[str, Any]) -> dict[str, Any]:
        return shown(self._crm.entities, self._actor.access, self.entity, row, columns.keys() - _STAMPS)


_MADE: Mapping[str, Callable[[_Change], Any]] = {
    "id": lambda change: ids.encode("change", change.event.id),
    "cursor": lambda change: str(change.event.cursor),
    "type": lambda change: change.event.type,
    "entity": lambda change: change.event.entity,
    "recordId": lambda change: ids.encode(change.event.entity, change.event.record_id),
    "record": lambda change: RecordRef(change.event.entity, change.event.record_id),
    "at": lambda change: change.event.at,
    "actor": _Change.actor,
    "requestId": lambda change: change.event.request_id,
    "idempotencyKey": lambda change: change.event.idempotency_key,
    "fields": _Change.fields,
    "details": _Change.details,
}
