"""Putting a job: from a call to the row that a commit writes."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from crmcore.access.actor import Actor
from crmcore.database import Database, ids
from crmcore.jobs.job import Call, Job
from crmcore.jobs.moment import micros
from crmcore.jobs.routines import Routines
from crmcore.jobs.row import JobRow
from crmcore.jobs.states import State

__all__ = ["When", "open_with_key", "row_of"]


_ITSELF = Actor.system().stamp


@dataclass(frozen=True, slots=True, kw_only=True)
class When:
    """How a call is put, where it differs from what the job says.

    Attributes:

        at: not before this instant, aware.
        delay: not before so many seconds, or a timedelta, from now.
        key: while a job with this key waits or runs, putting another one does nothing.
        priority: greater first.
        lane: jobs of one lane wait for each other.
        at_once: how many of the lane run at once.
        ordered: one after the other in the order they were put.
    """

    at: datetime | None = None
    delay: float | timedelta = 0.0
    key: str | None = None
    priority: int | None = None
    lane: str | None = None
    at_once: int | None = None
    ordered: bool | None = None


def row_of(routines: Routines, call: Call, when: When, now: datetime, actor: Actor, request_id: str | None) -> JobRow:
    """Return the row of a call.

    Raises:

        LookupError: no loaded plugin gives the job.
        ValueError: at and delay both, or a lane without a limit.
    """
    job, name = call.job, routines.name_of(call.job)
    due = _due(when, now)
    at_once = job.at_once if when.at_once is None else when.at_once
    ordered = job.ordered if when.ordered is None else when.ordered
    limited = ordered or at_once is not None or job.rate is not None
    if when.lane is not None and not limited:
        msg = f"The job {name} is put into the lane {when.lane!r} without a limit; give at_once or ordered too."
        raise ValueError(msg)
    return JobRow(
        ids.new(),
        name,
        call.arguments,
        State.LATER if due > now else State.READY,
        job.priority if when.priority is None else when.priority,
        micros(due),
        key=when.key,
        lane=(when.lane and f"{name}:{when.lane}") or (_lane(name, call) if limited else None),
        at_once=1 if ordered else at_once,
        ordered=ordered,
        spacing=job.spacing,
        actor=None if actor.stamp == _ITSELF else json.dumps(actor.stamp, ensure_ascii=False, separators=(",", ":")),
        request_id=request_id,
    )


async def open_with_key(database: Database, key: str) -> UUID | None:
    """Return the job that waits or runs with a key."""
    found: UUID | None = await database.fetch_value("select id from crm_job where key = $1 and state < 5", key)
    return found


def _due(when: When, now: datetime) -> datetime:
    delay = when.delay if isinstance(when.delay, timedelta) else timedelta(seconds=when.delay)
    if when.at is None:
        return now + max(delay, timedelta())
    if delay:
        msg = "A job is put with at= and with delay=; give one of them."
        raise ValueError(msg)
    return max(when.at, now)


def _lane(name: str, call: Call) -> str:
    job: Job[Any] = call.job
    if not job.per:
        return name
    values = job.arguments.values(call.arguments, job.per)
    return f"{name}:{json.dumps(values, ensure_ascii=False, separators=(',', ':'))}"
