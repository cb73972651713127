"""What a unit of work caused is written by its own transaction: its events, and the jobs that follow from it.

It is the last thing before the commit and hot: on PostgreSQL a few rows travel with it, and very many are loaded.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from enum import IntEnum
from functools import lru_cache, partial
from itertools import chain, groupby
from typing import TYPE_CHECKING, Any, NamedTuple
from uuid import UUID

from crmcore import tracing
from crmcore.database import Database
from crmcore.database.group_commit import Left
from crmcore.events.codec import Told, encode
from crmcore.events.event import Event
from crmcore.events.handlers import Handlers
from crmcore.events.sealed import closed
from crmcore.events.types import EventTypes
from crmcore.jobs import row as jobs
from crmcore.jobs.row import JobRow

if TYPE_CHECKING:
    from crmcore.entities.work import Work

__all__ = ["Caused", "EventRow", "flush"]


class EventRow(NamedTuple):
    """An event as a row of `crm_event`, without its place in the order."""

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


_COLUMNS = ", ".join(EventRow._fields)
_TYPES = ("uuid", "text", "text", "uuid", "timestamptz", *["text"] * 7)
_OF_ALL = "select era, pg_current_xact_id()::text::bigint from crm_feed_state"
#: So many rows SQLite writes on the event loop's thread, and PostgreSQL with a statement made for their number.
_FEW = 20
#: So many rows PostgreSQL writes with its commit; more are loaded.
_AHEAD = 100


class Caused(IntEnum):
    """What a unit of work caused: whom it concerns that it was committed."""

    NOTHING = 0
    EVENTS = 1
    JOBS = 2


async def flush(work: Work, types: EventTypes, handlers: Handlers) -> Caused:
    """Write the events of a unit of work, and the jobs it has put or after-handlers need; say whether there are any.

    Raises:

        TypeError: it emitted an event that nobody declares.
    """
    if not (work.events or work.jobs):
        return Caused.NOTHING
    trace = tracing.carried()
    told = Told(work.entities, await closed(work, work.events) if work.entities.sealed else None)
    keys = [types.key(event) for event in work.events]
    rows = partial(_rows, keys, work.events, trace, told)
    waiting = [*work.jobs, *(row for event in work.events for row in handlers.rows_after(event))]
    if trace is not None:
        waiting = [row._replace(trace=trace) for row in waiting]
    if work.database.dialect == "sqlite":
        if len(keys) > _FEW:
            await work.database.execute_many(_sqlite(1), rows())
        elif keys:
            await work.database.leave(Left(_sqlite(len(keys)), partial(_bound, rows, ())))
        await _put_each(work.database, waiting)
    elif len(keys) + len(waiting) <= _FEW:
        sql, many = _several(len(keys), len(waiting))
        await work.database.leave(Left(sql, partial(_bound, rows, waiting), many))
    elif len(keys) + len(waiting) <= _AHEAD:
        await _leave(work.database, rows(), waiting)
    else:
        await _write_at_once(work.database, rows(), waiting)
    return Caused.JOBS if waiting else Caused.EVENTS


def _rows(keys: Iterable[str], events: Iterable[Event], trace: str | None, told: Told) -> list[EventRow]:
    return [_row(key, event, trace, told) for key, event in zip(keys, events, strict=True)]


def _bound(rows: Callable[[], Iterable[EventRow]], waiting: Sequence[JobRow]) -> list[Any]:
    values = list(chain.from_iterable(rows()))
    return values + jobs.bound(waiting) if waiting else values


def _row(key: str, event: Event, trace: str | None, told: Told) -> EventRow:
    row, was, details = encode(event, told)
    values = (
        event.id,
        key,
        event.entity,
        event.record_id,
        event.at,
        told.actor(event.actor),
        row,
        was,
        details,
        event.request_id,
        event.idempotency_key,
        trace,
    )
    # As EventRow(*values), which calls a function of Python's.
    return tuple.__new__(EventRow, values)


async def _leave(database: Database, events: Sequence[EventRow], waiting: Sequence[JobRow]) -> None:
    """Leave it to the commit, which comes next, to take along."""
    told = [list(column) for column in zip(*events, strict=True)]
    await database.later(_sql(bool(events), bool(waiting)), *told, *(jobs.columns(waiting) if waiting else ()))


@lru_cache
def _several(events: int, waiting: int) -> tuple[str, str]:
    """Return the statement that writes so many events and jobs, and its form for several transactions (see `Database.later`)."""
    end = events * len(EventRow._fields) + 1
    if not events:
        return jobs.insert_few(waiting, end), jobs.insert_given(waiting, end)
    rows = _places(events)
    into = f"insert into crm_event (era, transaction_id, {_COLUMNS})"
    of_all = "(select era from crm_feed_state), pg_current_xact_id()::text::bigint"
    one = f"{into} values {', '.join(f'({of_all}, {row})' for row in rows)}"
    numbered = ", ".join(f"({nth}, {row})" for nth, row in enumerate(rows))
    many = (
        f"{into} select {of_all}, {_COLUMNS} from crm_given, lateral (values {numbered}) as told(nth, {_COLUMNS}) "
        "order by crm_given.n, told.nth"
    )
    if not waiting:
        return one, many
    return (
        f"with told as ({one}) {jobs.insert_few(waiting, end)}",
        f"with told as ({many}) {jobs.insert_given(waiting, end)}",
    )


@lru_cache
def _sql(events: bool, waiting: bool) -> str:
    """Return the statement that writes events, and jobs after them, from a list for each column."""
    if not events:
        return jobs.insert_many(1)
    arrays = ", ".join(f"${n}::{kind}[]" for n, kind in enumerate(_TYPES, 1))
    event = (
        f"insert into crm_event (era, transaction_id, {_COLUMNS}) "
        f"select (select era from crm_feed_state), pg_current_xact_id()::text::bigint, {_COLUMNS} "
        f"from unnest({arrays}) with ordinality as told({_COLUMNS}, nth) order by nth"
    )
    return f"with told as ({event}) {jobs.insert_many(len(_TYPES) + 1)}" if waiting else event


async def _write_at_once(database: Database, events: Sequence[EventRow], waiting: Sequence[JobRow]) -> None:
    if events:
        ((era, transaction_id),) = await database.fetch(_OF_ALL)
        # Numbered in the order in which they come.
        rows = [(era, transaction_id, *event) for event in events]
        await database.load("crm_event", ("era", "transaction_id", *EventRow._fields), rows)
    if waiting:
        await database.execute(jobs.insert_many(1), *jobs.columns(waiting))


@lru_cache
def _sqlite(events: int) -> str:
    rows = ", ".join(f"(0, 0, {row})" for row in _places(events))
    return f"insert into crm_event (era, transaction_id, {_COLUMNS}) values {rows}"


def _places(events: int) -> list[str]:
    size = len(EventRow._fields)
    return [", ".join(f"${n}" for n in range(first, first + size)) for first in range(1, events * size + 1, size)]


async def _put_each(database: Database, waiting: Iterable[JobRow]) -> None:
    for keyed, alike in groupby(waiting, lambda row: row.key is not None):
        rows, sql = list(alike), jobs.INSERT_KEYED if keyed else jobs.INSERT_ONE
        if len(rows) > _FEW:
            await database.execute_many(sql, rows)
        else:
            for row in rows:
                await database.later(sql, *row)
