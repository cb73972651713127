"""Changing what the feed keeps of columns: to seal what was told before they were, or to forget it.

What happened, when and by whom stays. An event is the same event afterwards; only values of the columns differ or are gone.
"""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, Collection, Iterator, Mapping, Sequence
from enum import Enum
from typing import Any, Final, NamedTuple
from uuid import UUID

import msgspec

from crmcore.database import Database
from crmcore.database.arrays import members
from crmcore.entities import store
from crmcore.entities.entity import Entity
from crmcore.entities.store import Row
from crmcore.events.cursor import START, Cursor
from crmcore.events.details import columns_of

__all__ = ["DROP", "Past", "redact", "rewrite"]

_ROWS = ("before", "after")


class _Drop(Enum):
    DROP = "drop"


#: Instead of a value: the event is to know nothing of the column.
DROP: Final = _Drop.DROP


class Past(NamedTuple):
    """A value that an event tells.

    Attributes:

        column: of which column.
        record_id: of which record.
        value: as Python has it; as it is stored, if it is sealed.
        row: the event's row as Python values, as far as it goes: `id` and what else it tells.
    """

    column: str
    record_id: UUID
    value: Any
    row: Row


#: From values to what the feed is to have instead, in the same order.
Make = Callable[[Sequence[Past]], Awaitable[Sequence[Any]]]


async def redact(database: Database, entity: Entity, records: Collection[UUID], columns: Collection[str]) -> int:
    """Have the feed forget columns of records; say how many events told of them.

    What subscriptions, webhooks and `asOf` show of such events is null then, or for `asOf` what the record has now.
    """

    async def forget(told: Sequence[Past]) -> Sequence[Any]:
        return [DROP] * len(told)

    found, after = 0, None
    while True:
        count, after = await _batch(database, entity, columns, forget, records, after, 500)
        found += count
        if after is None:
            return found


async def rewrite(
    database: Database,
    entity: Entity,
    columns: Collection[str],
    make: Make,
    *,
    records: Collection[UUID] | None = None,
    after: Cursor | None = None,
    limit: int = 500,
) -> Cursor | None:
    """Change values of columns in some events, in one transaction.

    Args:

        database: where.
        entity: whose records' events.
        columns: which values.
        make: gives the new ones: Python values, sealed texts, or `DROP`. Those that are null are not asked about.
        records: only events of these records.
        after: where the last call ended; None begins with the oldest event.
        limit: how many events at most.

    Returns:

        Where to go on, None at the end of the feed.
    """
    return (await _batch(database, entity, columns, make, records, after, limit))[1]


async def _batch(
    database: Database,
    entity: Entity,
    columns: Collection[str],
    make: Make,
    records: Collection[UUID] | None,
    after: Cursor | None,
    limit: int,
) -> tuple[int, Cursor | None]:
    async with database.transaction():
        found = await database.fetch(
            _read_sql(database.dialect, records is not None), *_asked(entity, after, limit, records)
        )
        events = [_Told(entity, row) for row in found]
        places = [place for event in events for place in event.places(columns)]
        values = await make([place.past for place in places]) if places else ()
        for place, value in zip(places, values, strict=True):
            place.put(value)
        changed = [event for event in events if event.changed]
        if changed:
            await database.execute_many(_WRITE, [event.written() for event in changed])
    return len(changed), Cursor(*found[-1][:3]) if len(found) == limit else None


def _asked(entity: Entity, after: Cursor | None, limit: int, records: Collection[UUID] | None) -> list[Any]:
    first = after or START
    asked: list[Any] = [entity.name, first.era, first.transaction, first.position, limit]
    return asked if records is None else [*asked, list(records)]


def _read_sql(dialect: str, of_records: bool) -> str:
    among = f"and record_id in ({members(dialect, '$6', 'uuid')})" if of_records else ""
    lock = "for update" if dialect == "postgresql" else ""
    return f"""
        select era, transaction_id, position, record_id, row, was, details from crm_event
        where entity = $1 and (era, transaction_id, position) > ($2, $3, $4) {among}
        order by era, transaction_id, position limit $5 {lock}
    """


_WRITE = """
    update crm_event set row = $4, was = $5, details = $6 where era = $1 and transaction_id = $2 and position = $3
"""


class _Place(NamedTuple):
    event: _Told
    holder: dict[str, Any]
    key: str
    past: Past

    def put(self, value: Any) -> None:
        if value is DROP and self.holder is self.event.parts[2]:
            # A field of its own an event must have; a row may know nothing of a column.
            self.holder[self.key] = None
        elif value is DROP:
            del self.holder[self.key]
        elif value == self.past.value:
            return
        else:
            self.holder[self.key] = value
        self.event.changed = True


class _Told:
    """One event's texts, read."""

    def __init__(self, entity: Entity, row: Sequence[Any]) -> None:
        self.entity, self.key, self.record_id = entity, tuple(row[:3]), row[3]
        self.parts = [None if text is None else json.loads(text) for text in row[4:7]]
        self.whole = {"id": self.record_id} | ({} if row[4] is None else store.parse(entity, row[4]))
        self.changed = False

    def places(self, columns: Collection[str]) -> Iterator[_Place]:
        row, was, details = self.parts
        told = details or {}
        for part in filter(None, (row, was, *(told.get(name) for name in _ROWS))):
            yield from (self._place(part, column, column) for column in columns if part.get(column) is not None)
        for name in told.keys() - {*_ROWS}:
            column = next((c for c in columns_of(self.entity, name) if c in columns), None)
            if column is not None and told[name] is not None:
                yield self._place(told, name, column)

    def written(self) -> tuple[Any, ...]:
        return (*self.key, *(None if part is None else msgspec.json.encode(part).decode() for part in self.parts))

    def _place(self, holder: dict[str, Any], key: str, column: str) -> _Place:
        value: Mapping[str, Any] = store.parse(self.entity, json.dumps({column: holder[key]}))
        return _Place(self, holder, key, Past(column, self.record_id, value[column], self.whole))
