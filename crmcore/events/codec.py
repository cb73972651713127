"""Events as rows of the feed, and back: values by column as they are stored, an event's own fields by their annotations.

A row is kept without its empty columns, which are most of them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, get_type_hints

import msgspec

from crmcore.access.actor import Stamp
from crmcore.database import instants
from crmcore.entities import store
from crmcore.entities.entity import Entity
from crmcore.entities.store import Row
from crmcore.events.event import Created, Deleted, Destroyed, Event, Restored, Updated

if TYPE_CHECKING:
    from crmcore.events.sealed import Closed

__all__ = ["Texts", "Told", "decode_details", "decode_part", "decode_row", "encode", "row_text"]

#: Columns that every write changes; `Updated.changed` is about the others.
_STAMPS = frozenset({"version", "updated_at", "updated_by"})

#: Own fields that hold rows of the entity.
_ROWS = frozenset({"before", "after"})

_encoder = msgspec.json.Encoder()

#: The texts of the columns row, was and details.
Texts = tuple[str | None, str | None, str | None]


class Told:
    """Texts of what several events of one unit of work tell: rows that more than one is about.

    Args:

        entities: all entities.
        closed: what of the events is sealed, if anything can be.

    Attributes:

        seals: whether anything can be.
    """

    def __init__(self, entities: Mapping[str, Entity], closed: Closed | None = None) -> None:
        # By identity: they live as long as the events that hold them.
        self._texts: dict[int, str] = {}
        self._entities, self._closed = entities, closed
        self.seals = closed is not None

    def actor(self, stamp: Mapping[str, str | None]) -> str:
        """Return an actor's stamp as the feed keeps it."""
        return stamp.text if type(stamp) is Stamp else _encoder.encode(stamp).decode()

    def row(self, entity: str, row: Mapping[str, Any]) -> str:
        """Return a row of an entity as the feed keeps it."""
        text = self._texts.get(id(row))
        if text is None:
            text = self._texts[id(row)] = row_text(self.stored(row), self._entities[entity])
        return text

    def stored(self, row: Mapping[str, Any]) -> Mapping[str, Any]:
        """Return a row as it is stored."""
        return row if self._closed is None else self._closed.rows.get(id(row), row)

    def detail(self, event: Event, name: str) -> Any:
        """Return an event's own field as it is stored."""
        value = getattr(event, name)
        return value if self._closed is None else self._closed.details.get((event.id, name), value)


def encode(event: Event, told: Told) -> Texts:
    """Return what the feed keeps of an event beside its head: the row, what it was where it changed, and own fields.

    Args:

        event: the event.
        told: texts that other events have needed already.
    """
    match event:
        case Created():
            return told.row(event.entity, event.after), None, None
        case Updated() | Deleted() | Restored():
            before, after = event.before, event.after
            stored = told.stored(before)
            was = {column: stored[column] for column, value in before.items() if value != after[column]}
            return told.row(event.entity, after), store.text(was), None
        case Destroyed():
            return told.row(event.entity, event.before), None, None
    return None, None, _own_fields(event, told)


def decode_row(entity: Entity, text: str | None) -> Row:
    """Read a row as Python values by column, empty ones included; {} for None."""
    return {} if text is None else {**dict.fromkeys(entity.columns), **store.parse(entity, text)}


def decode_part(entity: Entity, text: str | None) -> Row:
    """Read some columns as Python values; {} for None."""
    return {} if text is None else store.parse(entity, text)


def decode_details(cls: type[Event], entity: Entity, row: str | None, was: str | None, details: str | None) -> Row:
    """Return the arguments of an event's class beside those of `Event`.

    Raises:

        msgspec.ValidationError: the class has changed so that it does not take what was stored.
    """
    after = decode_row(entity, row)
    if issubclass(cls, Created):
        return {"after": after}
    if issubclass(cls, Destroyed):
        return {"before": after}
    if issubclass(cls, Updated | Deleted | Restored):
        changed = decode_part(entity, was)
        found: Row = {"before": {**after, **changed}, "after": after}
        return found | {"changed": frozenset(changed) - _STAMPS} if issubclass(cls, Updated) else found
    return _read_fields(cls, entity, details or "{}")


def row_text(row: Mapping[str, Any], entity: Entity) -> str:
    """Write a row of an entity as the feed keeps it, without its empty columns."""
    kept = dict(row)
    for column in filter(kept.get, entity.instants):
        # The encoder writes most as `wire` does.
        if type(value := kept[column]) is datetime and (value.tzinfo is not UTC or not value.microsecond):
            kept[column] = instants.wire(value)
    if tuple(kept) == entity.names:  # as those of new records are, and leaving out what is empty takes no loop
        return _encoder.encode(entity.document(*kept.values())).decode()
    return _encoder.encode({column: value for column, value in kept.items() if value is not None}).decode()


def _own_fields(event: Event, told: Told) -> str:
    detail = told.detail if told.seals else getattr
    values: dict[str, Any] = {}
    for name in _fields_of(type(event)):
        value = detail(event, name)
        if isinstance(value, datetime):
            value = instants.wire(value)
        elif name in _ROWS and value is not None:
            value = msgspec.Raw(told.row(event.entity, value).encode())
        values[name] = value
    return _encoder.encode(values).decode()


def _read_fields(cls: type[Event], entity: Entity, text: str) -> Row:
    decoders = _fields_of(cls)
    raw: dict[str, msgspec.Raw] = msgspec.json.decode(text, type=dict[str, msgspec.Raw])
    return {
        name: decode_row(entity, bytes(value).decode())
        if name in _ROWS and bytes(value) != b"null"
        else decoders[name].decode(value)
        for name, value in raw.items()
        if name in decoders
    }


def _fields_of(cls: type[Event]) -> dict[str, msgspec.json.Decoder[Any]]:
    """Return what reads each of a class's own fields, by its annotation."""
    if cls not in _DECODERS:
        hints, head = get_type_hints(cls, include_extras=True), {field.name for field in fields(Event)}
        own = (field.name for field in fields(cls) if field.name not in head)
        _DECODERS[cls] = {name: msgspec.json.Decoder(hints[name]) for name in own}
    return _DECODERS[cls]


_DECODERS: dict[type[Event], dict[str, msgspec.json.Decoder[Any]]] = {}
