"""A new row of `crm_job`, and the statements that write one or many; whoever has a transaction open runs them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple
from uuid import UUID

__all__ = ["INSERT_KEYED", "INSERT_ONE", "JobRow", "bound", "columns", "insert_few", "insert_given", "insert_many"]


class JobRow(NamedTuple):
    """What is written of a job when it is put, in the order of the statements below.

    Attributes:

        id: UUIDv7; its time is when the job was put.
        name: `plugin.function`.
        arguments: JSON object, None without arguments.
        state: LATER or READY.
        priority: greater first.
        run_at: microseconds since 1970.
        key: only one open job has it; putting a second one writes nothing.
        lane: jobs of one lane wait for each other; None for no lane.
        at_once: how many of the lane run at once, None for any number.
        ordered: one after the other in the order they were put; one that fails holds up those behind it.
        spacing: microseconds between two starts in the lane, None for none.
        event_id: the event an after-handler is told of.
        actor: stamp of who put it, JSON; None for the CRM itself.
        request_id: the request that put it.
        trace: trace context of whoever put it.
    """

    id: UUID
    name: str
    arguments: str | None
    state: int
    priority: int
    run_at: int
    key: str | None = None
    lane: str | None = None
    at_once: int | None = None
    ordered: bool = False
    spacing: int | None = None
    event_id: UUID | None = None
    actor: str | None = None
    request_id: str | None = None
    trace: str | None = None


_COLUMNS = ", ".join(JobRow._fields)
_TYPES = dict(
    zip(
        JobRow._fields,
        "uuid text text smallint smallint bigint text text smallint boolean bigint uuid text text text".split(),
        strict=True,
    )
)
_CLASH = "on conflict (key) where key is not null and state < 5 do nothing"

#: One job without a key; a single row, so that SQLite's connection writes it on the spot.
INSERT_ONE = (
    f"insert into crm_job ({_COLUMNS}) values ({', '.join(f'${n}' for n in range(1, len(JobRow._fields) + 1))})"
)
#: One job with a key.
INSERT_KEYED = f"{INSERT_ONE} {_CLASH}"


def insert_many(start: int) -> str:
    """Return PostgreSQL's statement that writes many jobs, to stand alone or as a CTE; bind `columns` from `$start` on."""
    arrays = ", ".join(f"${n}::{kind}[]" for n, kind in enumerate(_TYPES.values(), start))
    return f"insert into crm_job ({_COLUMNS}) select * from unnest({arrays}) {_CLASH}"


def insert_few(count: int, start: int) -> str:
    """Return PostgreSQL's statement that writes so many jobs; bind `bound` from `$start` on."""
    rows = ", ".join(f"({places})" for places in _places(count, start))
    return f"insert into crm_job ({_COLUMNS}) values {rows} {_CLASH}"


def insert_given(count: int, start: int) -> str:
    """Return its form for several transactions: see `Database.later`."""
    rows = ", ".join(f"({nth}, {places})" for nth, places in enumerate(_places(count, start)))
    put = f"lateral (values {rows}) as put(nth, {_COLUMNS})"
    return f"insert into crm_job ({_COLUMNS}) select {_COLUMNS} from crm_given, {put} order by crm_given.n, put.nth {_CLASH}"


def _places(count: int, start: int) -> list[str]:
    size = len(JobRow._fields)
    firsts = range(start, start + count * size, size)
    return [", ".join(f"${n}" for n in range(first, first + size)) for first in firsts]


def bound(rows: Sequence[JobRow]) -> list[object]:
    """Return the values of all rows, one row after the other."""
    # A plain number: members of enumerations travel with no statement.
    return [value for row in rows for value in row._replace(state=int(row.state))]


def columns(rows: Sequence[JobRow]) -> list[list[object]]:
    """Turn rows into one list for each column."""
    return [list(column) for column in zip(*rows, strict=True)] or [[] for _ in JobRow._fields]
