"""An event as the feed has it: texts that are decoded only when somebody wants to know."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID

import msgspec

from crmcore.entities.registry import Entities
from crmcore.entities.store import Row
from crmcore.events.codec import decode_details, decode_part, decode_row
from crmcore.events.cursor import Cursor
from crmcore.events.event import Event

if TYPE_CHECKING:
    from crmcore.events.types import EventTypes

__all__ = ["COLUMNS", "Recorded"]

#: What is read of an event, in the order in which `Recorded.of` takes it.
COLUMNS = (
    "era, transaction_id, position, id, type, entity, record_id, at, actor, row, was, details, request_id, "
    "idempotency_key, trace"
)


@dataclass(frozen=True, slots=True)
class Recorded:
    """An event of the feed.

    Attributes:

        cursor: where it stands; reading goes on after it.
        id: UUIDv7 of the event.
        type: its key, as in `customer.created`.
        entity: name of the record's entity.
        record_id: the record.
        at: when it happened, aware UTC.
        actor: who did it, a JSON object with type, id and label.
        row: the record's values by column, a JSON object without the empty ones: as they were left, or last were; None for
            events that have none.
        was: a JSON object with the values before, where they changed; None where nothing was before.
        details: a JSON object with the event's own fields, None for the five verbs.
        request_id: the request that caused it.
        idempotency_key: the key the client gave.
        trace: trace context of what caused it (W3C traceparent).
    """

    cursor: Cursor
    id: UUID
    type: str
    entity: str
    record_id: UUID
    at: datetime
    actor: str
    row: str | None
    was: str | None
    details: str | None
    request_id: str | None
    idempotency_key: str | None
    trace: str | None
    _entities: Entities = field(repr=False, compare=False)
    _types: EventTypes = field(repr=False, compare=False)

    @classmethod
    def of(cls, found: tuple[Any, ...], entities: Entities, types: EventTypes) -> Recorded:
        """Make one of a row with `COLUMNS`."""
        rest: tuple[Any, ...] = (*found[3:], entities, types)
        return cls(Cursor(*found[:3]), *rest)

    def values(self) -> Row:
        """Return `row` as Python values by column; empty without one.

        Raises:

            LookupError: the entity is not declared any more.
        """
        return decode_row(self._entities[self.entity], self.row)

    def previous(self) -> Row:
        """Return `was` as Python values by column; empty without one.

        Raises:

            LookupError: the entity is not declared any more.
        """
        return decode_part(self._entities[self.entity], self.was)

    def event(self) -> Event:
        """Return it as handlers get it.

        Raises:

            LookupError: the event's type is not declared any more: its plugin is gone.
            msgspec.ValidationError: the class of the event has changed and does not take what was stored.
        """
        if (kind := self._types.get(self.type)) is None:
            msg = f"The event {self.id} is a {self.type}, which no loaded plugin declares; install the plugin that did."
            raise LookupError(msg)
        actor: Mapping[str, str | None] = msgspec.json.decode(self.actor)
        own = decode_details(kind.cls, self._entities[self.entity], self.row, self.was, self.details)
        return kind.cls(
            id=self.id,
            at=self.at,
            actor=actor,
            entity=self.entity,
            record_id=self.record_id,
            request_id=self.request_id,
            idempotency_key=self.idempotency_key,
            **own,
        )
