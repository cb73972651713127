"""The jobs that wait in a test: what was put, with which arguments, and for when."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any
from uuid import UUID

from crmcore.events.event import Event
from crmcore.jobs.moment import instant
from crmcore.jobs.states import State

if TYPE_CHECKING:
    from crmcore.app import Crm

__all__ = ["WaitingJob", "decoded", "waiting"]

_WAITING = f"""
    select id, name, arguments, run_at, event_id, key, attempts, error from crm_job
    where state < {State.RUNNING} order by run_at, position
"""


@dataclass(frozen=True, slots=True)
class WaitingJob:
    """A job that waits for its time, its turn, or for somebody to do it.

    Attributes:

        name: `plugin.function`, for after-handlers too.
        arguments: by name, as the job's function gets them.
        at: when it is due, aware UTC.
        event: what an after-handler is to be told of.
        key: while it waits no other job with this key is put.
        attempts: how often it was begun.
        error: why the last attempt failed.
        id: the job's.
    """

    name: str
    arguments: Mapping[str, Any]
    at: datetime
    event: Event | None
    key: str | None
    attempts: int
    error: str | None
    id: UUID


async def waiting(crm: Crm, name: str | None) -> list[WaitingJob]:
    """Return the jobs that wait, those first that are due first.

    Args:

        crm: where.
        name: only those of this name.

    Raises:

        LookupError: no plugin gives a job or an after-handler of that name.
    """
    if name is not None and name not in crm.routines:
        near = get_close_matches(name, crm.routines, 3) or sorted(crm.routines)
        msg = f"No plugin gives a job {name!r}; there are for example {', '.join(near)}."
        raise LookupError(msg)
    rows = [row for row in await crm.database.fetch(_WAITING) if name in (None, row[1])]
    events = await crm.feed.events(row[4] for row in rows if row[4] is not None)
    return [
        WaitingJob(called, decoded(crm, called, arguments), instant(at), events.get(event), key, attempts, error, id)
        for id, called, arguments, at, event, key, attempts, error in rows
    ]


def decoded(crm: Crm, name: str, arguments: str | None) -> Mapping[str, Any]:
    """Return the arguments of a job, as its function gets them if a plugin has it."""
    if (routine := crm.routines.get(name)) is not None:
        return routine.decode(arguments)
    return {} if arguments is None else dict(json.loads(arguments))
