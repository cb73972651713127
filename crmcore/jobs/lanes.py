"""Whose turn it is: jobs of a lane wait for each other, and only one worker at a time lets them start.

A job of a lane whose turn has not come is parked, so that it is not looked at again and again. Whoever ends a job of a
lane leaves a note (`crm_job_freed`); the next claim takes the notes and lets as many parked jobs of the lane be ready.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from crmcore.database import Database
from crmcore.database.arrays import members
from crmcore.jobs.states import State

__all__ = ["Decision", "Lane", "candidates", "decide", "unpark", "write"]

#: Microseconds before its time at which a job of a lane with a rate may be claimed; it starts on time all the same.
HORIZON = 250_000
#: Notes taken at once, at most.
_NOTES = 500
# SQLite uses the index of these rows only if its condition stands in the statement word by word.
_OPEN = f"state < {State.DONE.value}"


@dataclass
class Lane:
    """What is known of a lane.

    Attributes:

        running: how many of its jobs run.
        head: position of the first of its jobs that has not ended.
        retry_at: when the first of its jobs that wait for a time is due, microseconds since 1970.
        next_at: when the next may start, by its rate.
    """

    running: int
    head: int
    retry_at: int | None = None
    next_at: int | None = None


@dataclass
class Decision:
    """What becomes of ready jobs of lanes.

    Attributes:

        start: those that may, with the instant before which they must not, if there is one.
        park: those whose turn has not come.
        later: those that the rate puts off, until when.
        paces: lanes with a rate: when the next may start.
    """

    start: dict[UUID, int | None] = field(default_factory=dict)
    park: list[UUID] = field(default_factory=list)
    later: dict[UUID, int] = field(default_factory=dict)
    paces: dict[str, int] = field(default_factory=dict)


def decide(ready: Iterable[Mapping[str, Any]], lanes: Mapping[str, Lane], now: int, most: int) -> Decision:
    """Decide which ready jobs start, in their order; those beyond `most` are left as they are.

    Args:

        ready: id, lane, position, at_once, ordered and spacing of each.
        lanes: theirs; counted up as jobs start.
        now: microseconds since 1970.
        most: how many may start.
    """
    made = Decision()
    for job in ready:
        lane = lanes[job["lane"]]
        blocked = job["ordered"] and job["position"] != lane.head
        if blocked or (job["at_once"] is not None and lane.running >= job["at_once"]):
            made.park.append(job["id"])
        elif job["spacing"] is None:
            if len(made.start) < most:
                made.start[job["id"]] = None
                lane.running += 1
        else:
            _by_rate(made, job, lane, now, most)
    return made


def _by_rate(made: Decision, job: Mapping[str, Any], lane: Lane, now: int, most: int) -> None:
    start = max(now, lane.next_at or 0)
    if start <= now + HORIZON:
        if len(made.start) < most:
            made.start[job["id"]] = start
            lane.running += 1
            lane.next_at = made.paces[job["lane"]] = start + job["spacing"]
    elif lane.retry_at is not None and lane.retry_at <= start:
        made.park.append(job["id"])  # the one that waits for that time lets this one be ready when it starts
    else:
        made.later[job["id"]] = lane.retry_at = start


async def unpark(database: Database) -> None:
    """Take notes of ended jobs, and for each let one parked job of the lane be ready."""
    if database.dialect == "postgresql":
        await database.execute(_UNPARK)
        return
    notes = Counter(lane for (lane,) in await database.fetch(_TAKE))
    ready = [id for lane, count in notes.items() for (id,) in await database.fetch(_PARKED, lane, count)]
    if ready:
        await _set(database, State.READY, ready)


_TAKE = f"""
    delete from crm_job_freed where position in (select position from crm_job_freed order by position limit {_NOTES})
    returning lane
"""
_PARKED = f"select id from crm_job where lane = $1 and {_OPEN} and state = {State.PARKED} order by position limit $2"
_UNPARK = f"""
    with taken as ({_TAKE}), notes as (select lane, count(*) as count from taken group by lane)
    update crm_job set state = {State.READY} where id in (
        select p.id from notes n cross join lateral (
            select id from crm_job where lane = n.lane and {_OPEN} and state = {State.PARKED} order by position limit n.count
        ) p
    )
"""


async def candidates(database: Database, most: int) -> tuple[list[dict[str, Any]], dict[str, Lane]]:
    """Return the first ready jobs of lanes, and their lanes."""
    sql = (
        "select id, lane, position, at_once, ordered, spacing from crm_job "
        f"where state = {State.READY} and lane is not null order by priority desc, run_at limit {most}"
    )
    ready = await database.fetch_dicts(sql)
    names = list({job["lane"] for job in ready})
    return ready, {name: Lane(*facts) for name, *facts in await database.fetch(_FACTS[database.dialect], names)}


_LANES = {"sqlite": "select value as lane from json_each($1)", "postgresql": "select unnest($1::text[]) as lane"}
_STATES = " union all ".join(f"select {state:d} as state" for state in range(State.DONE))


def _facts(dialect: str) -> str:
    # The states come from a list, so that PostgreSQL cannot take them for constants and choose, by statistics that are
    # always out of date here, one of the indexes of a single state: that took 200 ms instead of one.
    of_lane = f"from crm_job j where j.lane = l.lane and j.{_OPEN} and j.state = s.state"
    return f"""
        select l.lane, max(l.running), min(l.head), max(l.retry_at), (select next_at from crm_job_pace p where p.lane = l.lane)
        from (
            select l.lane,
                case when s.state = {State.RUNNING} then (select count(*) {of_lane}) else 0 end as running,
                (select min(j.position) {of_lane}) as head,
                case when s.state = {State.LATER} then (select min(j.run_at) {of_lane}) end as retry_at
            from ({_LANES[dialect]}) l cross join ({_STATES}) s
        ) l group by l.lane
    """


_FACTS = {dialect: _facts(dialect) for dialect in ("sqlite", "postgresql")}


async def write(database: Database, decision: Decision) -> None:
    """Write what was decided, but for those that start."""
    if decision.park:
        await _set(database, State.PARKED, decision.park)
    for id, run_at in decision.later.items():
        await database.execute(f"update crm_job set state = {State.LATER}, run_at = $2 where id = $1", id, run_at)
    for lane, next_at in decision.paces.items():
        await database.execute(_PACE, lane, next_at)
        await free(database, [lane])


_PACE = "insert into crm_job_pace (lane, next_at) values ($1, $2) on conflict (lane) do update set next_at = excluded.next_at"


async def free(database: Database, lanes: Sequence[str]) -> None:
    """Leave a note for each lane, that one more of it may start."""
    for lane in lanes:
        await database.execute("insert into crm_job_freed (lane) values ($1)", lane)


async def _set(database: Database, state: State, jobs: Sequence[UUID]) -> None:
    sql = f"update crm_job set state = {state:d} where id in ({members(database.dialect, '$1', 'uuid')})"
    await database.execute(sql, list(jobs))
