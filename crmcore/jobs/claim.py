"""Claiming: from the jobs that are due, those that one worker shall do now."""

from __future__ import annotations

from typing import NamedTuple
from uuid import UUID

from crmcore.database import Database
from crmcore.database.arrays import members
from crmcore.jobs import lanes
from crmcore.jobs.claimed import COLUMNS, Claimed, as_uuid, claimed
from crmcore.jobs.states import State

__all__ = ["Batch", "claim"]

# A worker whose lease is gone claims nothing: nobody would know that it has.
_ALIVE = "exists (select 1 from crm_job_worker where id = $1)"
_ORDER = "order by priority desc, run_at"
#: Jobs whose time has come that one claim lets be ready, at most.
_DUE = 1000


class Batch(NamedTuple):
    """What a claim found.

    Attributes:

        jobs: what the worker has now.
        more: whether there may be more that is due.
        next_at: microseconds since 1970 at which the next job is due that waits for its time, None for none.
    """

    jobs: list[Claimed]
    more: bool
    next_at: int | None


async def claim(database: Database, worker: UUID, most: int, now: int) -> Batch:
    """Give a worker the first jobs that are due: the greatest priority first, then those due longest.

    Args:

        database: where they are.
        worker: whose they are to be; it has a lease.
        most: how many, at most.
        now: microseconds since 1970.
    """
    found = await (_on_postgresql if database.dialect == "postgresql" else _on_sqlite)(database, worker, most, now)
    if found.next_at is not None and found.next_at <= now:
        await database.execute(_PROMOTE[database.dialect], now)
        return found._replace(more=True)
    return found


def _promote(lock: str) -> str:
    # Materialized, because PostgreSQL may run a sub-select with `limit` and `skip locked` more than once.
    return (
        f"with due as materialized (select id from crm_job where state = {State.LATER} and run_at <= $1 "
        f"order by run_at limit {_DUE}{lock}) update crm_job set state = {State.READY} where id in (select id from due)"
    )


_PROMOTE = {"postgresql": _promote(" for update skip locked"), "sqlite": _promote("")}

# One statement: rows that others are claiming at this moment are passed over, and each row is locked and marked at once.
# Jobs of lanes are only counted here; they have their place in the order all the same.
_POSTGRESQL = f"""
    with free as materialized (
        select id, priority, run_at from crm_job where state = {State.READY} and lane is null and {_ALIVE}
        {_ORDER} limit $2 for update skip locked
    ), laned as (
        select null::uuid, priority, run_at from crm_job where state = {State.READY} and lane is not null and {_ALIVE}
        {_ORDER} limit $2
    ), chosen as (
        select * from (select * from free union all select * from laned) due {_ORDER} limit $2
    ), marked as (
        update crm_job j set state = {State.RUNNING}, worker = $1, attempts = attempts + 1
        from chosen c where j.id = c.id
        returning {", ".join(f"j.{column}" for column in COLUMNS)}, j.priority, j.run_at, j.position
    )
    select m.*, e.*
    from (
        select (select count(*) from chosen where id is null) as laned,
            (select min(run_at) from crm_job where state = {State.LATER}) as next_at,
            exists (select 1 from crm_job_freed) and {_ALIVE} as freed
    ) e left join marked m on true
"""


async def _on_postgresql(database: Database, worker: UUID, most: int, now: int) -> Batch:
    rows = await database.fetch_dicts(_POSTGRESQL, worker, most)
    first = rows[0]
    rows = [row for row in rows if row["id"] is not None]
    rows.sort(key=lambda row: (-row["priority"], row["run_at"], row["position"]))
    jobs = [claimed(row, worker) for row in rows]
    left = most - len(jobs)
    if first["freed"] or first["laned"]:
        jobs += await database.retrying(lambda: _of_lanes(database, worker, max(left, 0), now))
    return Batch(jobs, len(jobs) >= most, first["next_at"])


async def _of_lanes(database: Database, worker: UUID, most: int, now: int) -> list[Claimed]:
    async with database.transaction():
        # Before the first read, so that it sees what the one before has committed. Who stops in the middle is cut off.
        await database.script(
            [
                "set local idle_in_transaction_session_timeout = '10s'",
                "lock table crm_job_turn in exclusive mode",
            ]
        )
        return await _let_start(database, worker, most, now)


async def _let_start(database: Database, worker: UUID, most: int, now: int) -> list[Claimed]:
    await lanes.unpark(database)
    ready, known = await lanes.candidates(database, max(4 * most, 50))
    if not ready:
        return []
    decision = lanes.decide(ready, known, now, most)
    await lanes.write(database, decision)
    return await _mark(database, worker, decision.start) if decision.start else []


async def _mark(database: Database, worker: UUID, start: dict[UUID, int | None]) -> list[Claimed]:
    sql = (
        f"update crm_job set state = {State.RUNNING}, worker = $1, attempts = attempts + 1 "
        f"where id in ({members(database.dialect, '$2', 'uuid')}) returning {', '.join(COLUMNS)}"
    )
    rows = {job.id: job for job in (claimed(row, worker) for row in await database.fetch_dicts(sql, worker, [*start]))}
    return [rows[id]._replace(start_at=at) for id, at in start.items()]


_STATE = f"""
    select (exists (select 1 from crm_job where state = {State.READY}) or exists (select 1 from crm_job_freed)) and {_ALIVE},
        (select min(run_at) from crm_job where state = {State.LATER})
"""
_FIRST = f"""
    select * from (
        select * from (
            select id, priority, run_at from crm_job where state = {State.READY} and lane is null
            {_ORDER} limit $1
        ) union all select * from (
            select null, priority, run_at from crm_job where state = {State.READY} and lane is not null
            {_ORDER} limit $1
        )
    ) {_ORDER} limit $1
"""


async def _on_sqlite(database: Database, worker: UUID, most: int, now: int) -> Batch:
    # A look first: it waits for nobody, and a worker without work shall not hold up those who write.
    ((ready, next_at),) = await database.fetch(_STATE, worker)
    jobs = await database.retrying(lambda: _alone(database, worker, most, now)) if ready else []
    return Batch(jobs, len(jobs) >= most, next_at)


async def _alone(database: Database, worker: UUID, most: int, now: int) -> list[Claimed]:
    async with database.transaction():
        first = [row[0] for row in await database.fetch(_FIRST, most)]
        free: dict[UUID, int | None] = {as_uuid(id): None for id in first if id is not None}
        jobs = await _mark(database, worker, free) if free else []
        return [*jobs, *await _let_start(database, worker, most - len(jobs), now)]
