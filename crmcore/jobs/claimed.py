"""A job that a worker has, as the claim read it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple
from uuid import UUID

__all__ = ["COLUMNS", "Claimed", "as_uuid", "claimed"]


class Claimed(NamedTuple):
    """A row of `crm_job` that is running.

    Attributes:

        id: the job.
        name: `plugin.function`.
        arguments: JSON, None without arguments.
        attempts: this one included.
        lane: None for no lane.
        event_id: of an after-handler.
        request_id: the request that put it.
        trace: trace context of whoever put it.
        worker: whose claim it is; whatever is written of the job is written only if it still is.
        start_at: microseconds since 1970 before which it must not start, for lanes with a rate.
    """

    id: UUID
    name: str
    arguments: str | None
    attempts: int
    lane: str | None
    event_id: UUID | None
    request_id: str | None
    trace: str | None
    worker: UUID
    start_at: int | None = None


#: What a claim returns, in the order of the row's life.
COLUMNS = ("id", "name", "arguments", "attempts", "lane", "event_id", "request_id", "trace")


def as_uuid(value: UUID | str) -> UUID:
    """Return an id as such; of `returning` and `union` SQLite does not know what type a column has."""
    return value if isinstance(value, UUID) else UUID(value)


def claimed(row: Mapping[str, Any], worker: UUID, start_at: int | None = None) -> Claimed:
    """Make it of a row with `COLUMNS`."""
    event_id = row["event_id"]
    return Claimed(
        as_uuid(row["id"]),
        row["name"],
        row["arguments"],
        row["attempts"],
        row["lane"],
        None if event_id is None else as_uuid(event_id),
        row["request_id"],
        row["trace"],
        worker,
        start_at,
    )
