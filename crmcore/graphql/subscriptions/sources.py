"""What backs the fields of Subscription: from a client's arguments to the choice of events."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Protocol
from uuid import UUID

from crmcore.entities.entity import Entity, camel
from crmcore.errors import Invalid, Violation
from crmcore.events import Event
from crmcore.events.live import Live
from crmcore.events.recorded import Recorded
from crmcore.graphql.mutations.inputs import read_id
from crmcore.graphql.mutations.parameters import python_value

__all__ = ["Choice", "Happening", "OfJob", "OfRecord", "OfTypes", "Picked", "Source", "WatchedJob"]


class Happening:
    """An event of the feed that is decoded once, if anybody wants to look into it.

    Attributes:

        stored: as the feed has it.
        recorded: with sealed values opened; the same one where nothing of its record can be sealed.
    """

    def __init__(self, stored: Recorded, recorded: Recorded) -> None:
        self.stored, self.recorded = stored, recorded

    @cached_property
    def event(self) -> Event:
        """See `Recorded.event`."""
        return self.recorded.event()


@dataclass(frozen=True)
class Choice:
    """Which events one subscription is about.

    Attributes:

        types: keys of event types, None for all.
        record: entity and id of the only record it is about, if it is about one.
        picks: says of an event of those whether it is meant, if not all are.
    """

    types: frozenset[str] | None = None
    record: tuple[str, UUID] | None = None
    picks: Callable[[Happening], bool] | None = None

    def takes(self, happening: Happening) -> bool:
        """Say whether an event is meant."""
        recorded = happening.recorded
        if self.types is not None and recorded.type not in self.types:
            return False
        if self.record is not None and (recorded.record_id != self.record[1] or recorded.entity != self.record[0]):
            return False
        return self.picks is None or self.picks(happening)


@dataclass(frozen=True)
class WatchedJob:
    """What is no events at all: one job, as it stands."""

    id: UUID


class Source(Protocol):
    """Backs a field of Subscription."""

    def choose(self, given: Mapping[str, Any]) -> Choice | WatchedJob:
        """Read the client's arguments.

        Raises:

            Invalid: some cannot be what they say.
        """
        ...


@dataclass(frozen=True)
class OfTypes:
    """Everything, or what the arguments `types` and `entities` name; both must fit where both are given.

    Attributes:

        by_entity: keys of event types by the name of their entity.
    """

    by_entity: Mapping[str, Collection[str]]

    def choose(self, given: Mapping[str, Any]) -> Choice:
        """See `Source`."""
        types, entities = given.get("types"), given.get("entities")
        wanted = None if types is None else frozenset(_values(types))
        if entities is not None:
            about = frozenset(key for name in _values(entities) for key in self.by_entity.get(name, ()))
            wanted = about if wanted is None else wanted & about
        return Choice(wanted)


@dataclass(frozen=True)
class OfRecord:
    """Everything that happens to the record of an entity that the argument `id` names."""

    entity: Entity

    def choose(self, given: Mapping[str, Any]) -> Choice:
        """See `Source`."""
        return Choice(record=(self.entity.name, read_id(given["id"], self.entity.name, "id")))


@dataclass(frozen=True)
class OfJob:
    """The job that the argument `id` names."""

    def choose(self, given: Mapping[str, Any]) -> WatchedJob:
        """See `Source`."""
        return WatchedJob(read_id(given["id"], "job", "id"))


@dataclass(frozen=True)
class Picked:
    """What a plugin's function picks.

    Attributes:

        live: the declaration.
        types: keys of the event types it is about.
    """

    live: Live[Any, Any]
    types: frozenset[str]

    def choose(self, given: Mapping[str, Any]) -> Choice:
        """See `Source`."""
        values: dict[str, Any] = {}
        violations: list[Violation] = []
        for parameter in self.live.parameters:
            name = camel(parameter.name)
            if name not in given or (given[name] is None and not parameter.null):
                continue
            try:
                values[parameter.name] = python_value(parameter, given[name], name)
            except Invalid as problem:
                violations.extend(problem.violations)
        if violations:
            raise Invalid.of(violations)
        return Choice(self.types, picks=lambda happening: bool(self.live.picks(happening.event, **values)))


def _values(members: Collection[Any]) -> list[str]:
    """Return the values of enum members, whether graphql-core gave the members or the values."""
    return [getattr(member, "value", member) for member in members]
