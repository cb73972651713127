"""Jobs as those see them who look after them, or who put them."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import Enum
from typing import TYPE_CHECKING, Annotated, Any
from uuid import UUID

from crmcore.access.actor import Actor
from crmcore.database import Database
from crmcore.database.arrays import members
from crmcore.database.ids import made_at
from crmcore.entities.action import Ref
from crmcore.jobs.moment import instant
from crmcore.jobs.permissions import MANAGE
from crmcore.jobs.row import JobRow
from crmcore.jobs.states import State, name_of

if TYPE_CHECKING:
    from crmcore.app import Crm

__all__ = ["Job", "JobProgress", "JobState", "find_jobs", "job_by_id", "jobs_by_id", "states_of"]


class JobState(Enum):
    """Where a job stands."""

    WAITING = "It waits for its time, for its turn, or for whoever can do it."
    RUNNING = "A worker is at it."
    DONE = "It succeeded."
    DEAD = "It failed for good; error says why."
    CANCELLED = "Somebody did not want it any more."


@dataclass(frozen=True)
class JobProgress:
    """How far a job is, as it says itself."""

    share: Annotated[float, "From 0 to 1."]
    text: Annotated[str, "What is being done; may be empty."]


@dataclass(frozen=True)
class Job:
    """Work that is done apart from the request that caused it, at least once."""

    id: Annotated[UUID, Ref("job"), "Identifies the job."]
    name: Annotated[str, "What is done: the plugin's name, a dot, and the name of the job or of the after-handler."]
    state: Annotated[JobState, "Where it stands."]
    held: Annotated[str | None, "Why jobs of its name are not started at present: paused, or failing."]
    priority: Annotated[int, "Greater first; 0 is normal."]
    created_at: Annotated[datetime, "When it was put."]
    run_at: Annotated[datetime, "When it is due, or was last."]
    ended_at: Annotated[datetime | None, "When it ended."]
    attempts: Annotated[int, "How often it was begun."]
    progress: Annotated[JobProgress | None, "How far it is, if it says so."]
    key: Annotated[str | None, "While it waits or runs, no other job with this key is put."]
    lane: Annotated[str | None, "Jobs of one lane wait for each other."]
    error: Annotated[str | None, "Why it failed last; for those with the permission jobs.manage."]
    arguments: Annotated[object | None, "What it was given, as an object; for those with the permission jobs.manage."]
    event_id: Annotated[UUID | None, Ref("change"), "The change that an after-handler is told of."]
    put_by: Annotated[str | None, "Who put it; null for after-handlers, of which the change says more."]
    request_id: Annotated[str | None, "The request that put it."]

    @classmethod
    def of(cls, row: JobRow) -> Job:
        """Return a job that the commit of the open transaction will write."""
        return _job(
            row.id, row.name, row.state, None, row.priority, row.run_at, None, 0, None, row.key, row.lane, None,
            row.arguments, row.event_id, row.actor, row.request_id,
        )  # fmt: skip


_COLUMNS = """
    j.id, j.name, j.state, (select min(h.why) from crm_job_hold h where h.name = j.name), j.priority, j.run_at, j.ended_at,
    j.attempts, j.progress, j.key, j.lane, j.error, j.arguments, j.event_id, j.actor, j.request_id
"""


async def find_jobs(
    database: Database,
    *,
    states: Sequence[State] | None = None,
    name: str | None = None,
    before: UUID | None = None,
    limit: int = 50,
) -> list[Job]:
    """Return jobs, those first that were put last.

    Args:

        database: where they are.
        states: any of these; None is all.
        name: of exactly this name, None is any.
        before: only those put before this one.
        limit: how many at most.
    """
    conditions: list[str] = []
    values: list[Any] = [limit]

    def add(condition: str, value: Any) -> None:
        values.append(value)
        conditions.append(condition.format(f"${len(values)}"))

    if states is not None:
        inside = members(database.dialect, f"${len(values) + 1}", "smallint")
        add(f"j.state in ({inside})", [state.value for state in states])
    if name is not None:
        add("j.name = {}", name)
    if before is not None:
        add("j.id < {}", before)
    where = " and ".join(conditions) or "1 = 1"
    rows = await database.fetch(f"select {_COLUMNS} from crm_job j where {where} order by j.id desc limit $1", *values)
    return [_job(*row) for row in rows]


async def jobs_by_id(crm: Crm, actor: Actor, ids: Iterable[UUID]) -> dict[UUID, Job]:
    """Return those jobs that somebody may see, by id: all with jobs.manage, and otherwise what they put themselves.

    To those who have put a job its arguments and its error are not shown: they may tell of what its plugin can see.
    """
    inside = members(crm.database.dialect, "$1", "uuid")
    rows = await crm.database.fetch(f"select {_COLUMNS} from crm_job j where j.id in ({inside})", list(ids))
    if actor.access.may(MANAGE):
        return {row[0]: _job(*row) for row in rows}
    own = [row for row in rows if _put_by(row[-2], actor)]
    return {row[0]: replace(_job(*row), error=None, arguments=None) for row in own}


async def job_by_id(database: Database, id: UUID) -> tuple[Job, str | None] | None:
    """Return a job and the stamp of who put it, JSON; None if there is none, or none any more."""
    rows = await database.fetch(f"select {_COLUMNS} from crm_job j where j.id = $1", id)
    return (_job(*rows[0]), rows[0][-2]) if rows else None


def _put_by(stamp: str | None, actor: Actor) -> bool:
    return stamp is not None and actor.id is not None and json.loads(stamp)["id"] == actor.id


def states_of(state: JobState) -> Sequence[State]:
    """Return the states of rows that people call by one name."""
    return [one for one in State if name_of(one).upper() == state.name]


def _job(
    id: UUID,
    name: str,
    state: int,
    held: str | None,
    priority: int,
    run_at: int,
    ended_at: int | None,
    attempts: int,
    progress: str | None,
    key: str | None,
    lane: str | None,
    error: str | None,
    arguments: str | None,
    event_id: UUID | None,
    actor: str | None,
    request_id: str | None,
) -> Job:
    return Job(
        id=id,
        name=name,
        state=JobState[name_of(state).upper()],
        held=held,
        priority=priority,
        created_at=made_at(id),
        run_at=instant(run_at),
        ended_at=None if ended_at is None else instant(ended_at),
        attempts=attempts,
        progress=None if progress is None else JobProgress(**json.loads(progress)),
        key=key,
        lane=lane,
        error=error,
        arguments=None if arguments is None else json.loads(arguments),
        event_id=event_id,
        put_by=None if actor is None else json.loads(actor)["label"],
        request_id=request_id,
    )
