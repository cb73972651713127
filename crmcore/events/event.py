"""What an event says: which record, what happened to it, who did it, when, and by which request.

The shapes are public: plugins hold on to these names, and the change feed stores these fields.
Rows are dicts of column name to Python value (UUID, aware datetime, date, int minor units, parsed JSON).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any, ClassVar, TypeVar
from uuid import UUID

__all__ = ["Created", "Deleted", "Destroyed", "Event", "Restored", "Updated", "made", "specific"]


@dataclass(frozen=True, kw_only=True)
class Event:
    """Something that happened to a record.

    Attributes:

        id: UUIDv7 of the event, the key by which a handler knows that it has seen it.
        at: when, aware UTC; the same for all events of one transaction.
        actor: `{"type", "id", "label"}` of who did it, and through which door.
        entity: the record's entity, for example `customer`.
        record_id: the record.
        request_id: the request that caused it, None for work without a request.
        idempotency_key: the key the client gave, None without one.
    """

    id: UUID
    at: datetime
    actor: Mapping[str, str | None]
    entity: str
    record_id: UUID
    request_id: str | None = None
    idempotency_key: str | None = None

    #: The entity that events of the class are about, where the class says it.
    of: ClassVar[str | None] = None
    _since: ClassVar[str | None] = None
    _specific: ClassVar[dict[tuple[type[Event], str], type[Event]]] = {}

    def __init_subclass__(cls, of: str | None = None, since: str | None = None) -> None:
        """Make `cls` the class of its parent's events about the entity `of`.

        Below `Created` and its like that is the class of all such events; below `Event` it is one more kind of event,
        to be declared by the hook `crm_events`. `since` is the version of the plugin that has it first; the schema shows it.

        Raises:

            TypeError: another module has such a class already; handlers of the one would never be told by the other's name.
        """
        super().__init_subclass__()
        cls._since = since
        if of is not None:
            cls.of = of
            if (general := cls.__mro__[1]) is not Event:
                first = Event._specific.setdefault((general, of), cls)
                if (first.__module__, first.__qualname__) != (cls.__module__, cls.__qualname__):
                    msg = (
                        f"{cls.__module__}.{cls.__name__} is the second class of {general.__name__} events about {of!r}; "
                        f"import {first.__name__} from {first.__module__} instead."
                    )
                    raise TypeError(msg)
                Event._specific[general, of] = cls


@dataclass(frozen=True, kw_only=True)
class Created(Event):
    """A record was made; `after` is its row."""

    after: Mapping[str, Any]


@dataclass(frozen=True, kw_only=True)
class Updated(Event):
    """A record was changed; `changed` names the columns whose values differ between `before` and `after`."""

    before: Mapping[str, Any]
    after: Mapping[str, Any]
    changed: frozenset[str]


@dataclass(frozen=True, kw_only=True)
class Deleted(Event):
    """A record was deleted and can be restored; `before` is the row as it was, `after` as it now lies there."""

    before: Mapping[str, Any]
    after: Mapping[str, Any]


@dataclass(frozen=True, kw_only=True)
class Restored(Event):
    """A deleted record is back; `before` is the row as it lay there, `after` as it is now."""

    before: Mapping[str, Any]
    after: Mapping[str, Any]


@dataclass(frozen=True, kw_only=True)
class Destroyed(Event):
    """A record is gone for ever; `before` is what it was."""

    before: Mapping[str, Any]


E = TypeVar("E", bound=Event)

#: By class the names of all its fields, if nothing but these is set where one is made; else none.
_PLAIN: dict[type[Event], frozenset[str]] = {}


def made(cls: type[E], values: Mapping[str, Any]) -> E:
    """Make an event as `cls(**values)` does, which sets each field of a frozen class by a function of its own."""
    plain = _PLAIN.get(cls)
    if plain is None:
        plain = _PLAIN[cls] = _plain(cls)
    if values.keys() != plain:
        return cls(**values)
    event = object.__new__(cls)
    event.__dict__.update(values)
    return event


def _plain(cls: type[Event]) -> frozenset[str]:
    # Of a class of its own that says nothing of how it is made.
    said = vars(cls).get("__dataclass_params__")
    if said is None or not said.init or hasattr(cls, "__post_init__") or cls.__new__ is not object.__new__:
        return frozenset()
    return frozenset(field.name for field in fields(cls)) if all(field.init for field in fields(cls)) else frozenset()


def specific(general: type[E], entity: str) -> type[E]:
    """Return the class for `general` events about `entity` (`CustomerCreated`), or `general` if none was declared."""
    return Event._specific.get((general, entity), general)  # type: ignore[return-value]
