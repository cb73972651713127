"""The change feed: everything that was committed, in one order, without gaps.

A reader is given only what is settled: events before which none can turn up any more. On PostgreSQL transactions commit in
another order than they get their numbers, so what has the next position may be there long before what has this one;
settled are the events of transactions older than the oldest that still runs.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from crmcore.database import Database, ids
from crmcore.entities.registry import Entities
from crmcore.errors import Invalid
from crmcore.events import statements
from crmcore.events.cursor import START, Cursor
from crmcore.events.event import Event
from crmcore.events.recorded import Recorded
from crmcore.events.sealed import opened
from crmcore.events.types import EventTypes

__all__ = ["Feed", "Mark", "Page"]

#: Looked through by `since`: units of work that take longer are none that people wait for.
_LONGEST_UNIT = timedelta(hours=1)
#: Units of work that a mark takes note of.
_NOTED = 1000


@dataclass(frozen=True, slots=True)
class Page:
    """What a read of the feed gave.

    Attributes:

        events: in order.
        cursor: where to go on; past what was left out by a filter, so it may be greater than the last event's.
        more: whether there may be more already.
        unsettled: whether events were committed that cannot be given yet, since an older transaction is still running. They
            can in a moment, and nobody will say when.
    """

    events: Sequence[Recorded]
    cursor: Cursor
    more: bool
    unsettled: bool


class Mark:
    """A moment, and the first event of each unit of work that this process has written since, if it was committed."""

    def __init__(self) -> None:
        self.written: list[UUID] = []


class Feed:
    """Reads the change feed.

    Attributes:

        holds: asked before old events are removed for how far those who read for the CRM itself have come (webhooks);
            each gives a cursor, or None if it needs nothing. Add to it when a plugin starts.

    Args:

        database: where it is.
        entities: all entities.
        types: all types of events.
    """

    def __init__(self, database: Database, entities: Entities, types: EventTypes) -> None:
        self._database, self._entities, self._types = database, entities, types
        self.holds: list[Callable[[], Awaitable[Cursor | None]]] = []
        self._marks: set[Mark] = set()

    async def opened(self, events: Sequence[Recorded]) -> list[Recorded]:
        """Return events that were read `as_stored` with sealed values opened, for the server itself."""
        return await opened(self._database, self._entities, events)

    async def read(
        self,
        after: Cursor | None,
        *,
        limit: int = 500,
        types: Iterable[str] | None = None,
        entity: str | None = None,
        record_id: UUID | None = None,
        as_stored: bool = False,
    ) -> Page:
        """Read what is settled.

        Args:

            after: where the last reading ended; None reads from the oldest that is kept.
            limit: of events, at most.
            types: keys of the types wanted, None for all.
            entity: only events about this entity's records.
            record_id: only events about this record.
            as_stored: leave sealed values sealed; `opened` opens them.

        Raises:

            Invalid: what came next after the cursor is not kept any more, or the cursor is from another database.
        """
        asked: list[Any] = [] if types is None else [list(types)]
        asked += [value for value in (entity, record_id) if value is not None]
        sql = statements.read(self._database.dialect, types is not None, entity is not None, record_id is not None)
        first = after or START
        rows = await self._database.fetch(sql, first.era, first.transaction, first.position, limit + 1, *asked)
        end, kept = Cursor(*rows[0][:3]), Cursor(*rows[0][3:6])
        if after is not None:
            _check(after, kept, end)
        found = [Recorded.of(row[10:], self._entities, self._types) for row in rows if row[12] is not None]
        unsettled, full = bool(rows[0][6]), len(found) > limit
        found = found[:limit]
        if not as_stored:
            found = await opened(self._database, self._entities, found)
        if full:
            return Page(found, found[-1].cursor, True, unsettled)
        window = rows[0][7:10]
        if window[2] is not None:
            return Page(found, Cursor(*window), True, unsettled)
        return Page(found, end, False, unsettled)

    async def end(self, mark: Mark | None = None) -> Cursor:
        """Return the cursor of all that is settled: reading after it gives what comes from now on.

        Args:

            mark: reading after the cursor gives also what this process has committed since then, however long the answer took.
        """
        rows = await self._database.fetch(statements.end(self._database.dialect))
        end = Cursor(*rows[0][:3])
        if mark is None or not mark.written:
            return end
        rows = await self._database.fetch(statements.by_ids(self._database.dialect), mark.written)
        return min([end, *(Cursor(era, transaction, position - 1) for era, transaction, position, *_ in rows)])

    def mark(self) -> Mark:
        """Take note of what this process writes from now on, until `forget`."""
        mark = Mark()
        self._marks.add(mark)
        return mark

    def forget(self, mark: Mark) -> None:
        """Take no more notes for a mark."""
        self._marks.discard(mark)

    def writes(self, events: Sequence[Event]) -> None:
        """Note that a unit of work is about to write these."""
        for mark in self._marks:
            if events and len(mark.written) < _NOTED:
                mark.written.append(events[0].id)

    async def back(self, count: int) -> Cursor:
        """Return a cursor after which the last so many events come."""
        rows = await self._database.fetch(statements.BACK[self._database.dialect], count)
        return Cursor(*rows[0]) if rows else START

    async def since(self, instant: datetime) -> Cursor:
        """Return a cursor after which all events at or after an instant come, and few that were before it."""
        first, last = ids.earliest(instant), ids.earliest(instant + _LONGEST_UNIT)
        rows = await self._database.fetch(statements.SINCE, instant, first, last)
        rows = rows or await self._database.fetch(statements.NEXT, instant, first)
        if not rows:
            return await self.end()
        era, transaction, position = rows[0]
        return Cursor(era, transaction, position - 1)

    async def event(self, id: UUID) -> Recorded | None:
        """Return an event by its id, settled or not; None when there is none, or none any more."""
        return next(iter(await self._by_ids([id])), None)

    async def events(self, wanted: Iterable[UUID]) -> dict[UUID, Event]:
        """Return events as handlers get them, by id; those that are not kept, or of types not declared, are absent."""
        found = await self._by_ids(list(wanted))
        return {one.id: one.event() for one in found if one.type in self._types}

    async def _by_ids(self, wanted: Sequence[UUID]) -> list[Recorded]:
        if not wanted:
            return []
        rows = await self._database.fetch(statements.by_ids(self._database.dialect), list(wanted))
        found = [Recorded.of(row, self._entities, self._types) for row in rows]
        return await opened(self._database, self._entities, found)


def _check(after: Cursor, kept: Cursor, end: Cursor) -> None:
    if after < kept:
        msg = f"What came after the cursor {after} is not kept any more; read the records anew, and changes without a cursor."
        raise Invalid.at("after", "CURSOR_TOO_OLD", msg)
    if after > end:
        msg = (
            f"The cursor {after} is ahead of this database: it is another's, or this one was restored from an older copy; "
            "read the records anew, and changes without a cursor."
        )
        raise Invalid.at("after", "CURSOR_AHEAD", msg)
