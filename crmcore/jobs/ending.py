"""What is written of a running job: that it ended, that it is tried again, how far it is; only by the worker that has it."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any
from uuid import UUID

from crmcore import clock
from crmcore.database import Database
from crmcore.jobs.claimed import Claimed, as_uuid
from crmcore.jobs.moment import micros
from crmcore.jobs.outcome import Ended, Lost, Outcome
from crmcore.jobs.states import State

__all__ = ["end", "end_inside", "note"]

#: A row that goes; the others get the state.
_GONE = -1
_STATES = {
    Outcome.FAILED: State.LATER,
    Outcome.DEAD: State.DEAD,
    Outcome.CANCELLED: State.CANCELLED,
    Outcome.BACK: State.READY,
    Outcome.PUT_OFF: State.LATER,
    Outcome.ASIDE: State.ASIDE,
}
#: Attempts that do not count.
_UNTRIED = (Outcome.BACK, Outcome.PUT_OFF, Outcome.ASIDE)
_LONGEST = 4000

_NEW = f"""
    state = case when j.cancelled and e.state < {State.DONE} then {State.CANCELLED:d} else e.state end,
    run_at = coalesce(e.run_at, j.run_at),
    attempts = j.attempts - e.untried,
    error = coalesce(e.error, j.error),
    worker = null,
    progress = case when e.state = {State.DONE} then j.progress end,
    ended_at = case when e.state >= {State.DONE} or j.cancelled then cast($2 as bigint) end
"""
_COLUMNS = ("id", "state", "run_at", "untried", "error")
_POSTGRESQL = f"""
    with e as (
        select * from unnest($3::uuid[], $4::smallint[], $5::bigint[], $6::integer[], $7::text[])
            as e({", ".join(_COLUMNS)})
    ), gone as (
        delete from crm_job j using e where j.id = e.id and e.state = {_GONE} and j.worker = $1 returning j.id, j.lane
    ), kept as (
        update crm_job j set {_NEW} from e where j.id = e.id and e.state <> {_GONE} and j.worker = $1
        returning j.id, j.lane
    ), ended as (
        select * from gone union all select * from kept
    ), freed as (
        insert into crm_job_freed (lane) select lane from ended where lane is not null
    )
    select id from ended
"""


async def end(database: Database, worker: UUID, ended: Sequence[Ended]) -> set[UUID]:
    """Write how jobs of a worker ended, all at once.

    Returns:

        those that were the worker's still.
    """
    rows = [_row(one) for one in ended]
    now = micros(clock.now())
    if database.dialect == "postgresql":
        columns = [list(column) for column in zip(*rows, strict=True)]
        return {id for (id,) in await database.fetch(_POSTGRESQL, worker, now, *columns)}
    return await database.retrying(lambda: _on_sqlite(database, worker, now, rows))


def _row(one: Ended) -> tuple[UUID, int, int | None, int, str | None]:
    state = (State.DONE if one.keep else _GONE) if one.outcome is Outcome.DONE else _STATES[one.outcome]
    error = None if one.error is None else one.error[:_LONGEST].replace("\0", "")
    return one.job.id, state, one.run_at, int(one.outcome in _UNTRIED), error


async def _on_sqlite(database: Database, worker: UUID, now: int, rows: Sequence[tuple[Any, ...]]) -> set[UUID]:
    gone = [str(row[0]) for row in rows if row[1] == _GONE]
    kept = [[str(row[0]), *row[1:]] for row in rows if row[1] != _GONE]
    ended: list[tuple[Any, ...]] = []
    async with database.transaction():
        if gone:
            ended += await database.fetch(_SQLITE_GONE, worker, gone)
        if kept:
            ended += await database.fetch(_SQLITE_KEPT, worker, now, kept)
        if lanes := [(lane,) for _, lane in ended if lane is not None]:
            await database.execute_many("insert into crm_job_freed (lane) values ($1)", lanes)
    return {as_uuid(id) for id, _ in ended}


_SQLITE_GONE = "delete from crm_job where id in (select value from json_each($2)) and worker = $1 returning id, lane"
_SQLITE_KEPT = f"""
    update crm_job as j set {_NEW}
    from (
        select {", ".join(f"value ->> {place} as {column}" for place, column in enumerate(_COLUMNS))} from json_each($3)
    ) e where j.id = e.id and j.worker = $1 returning id, lane
"""


async def end_inside(database: Database, job: Claimed, *, keep: bool) -> None:
    """Write that a job succeeded, in the transaction that is open.

    Raises:

        Lost: it is another worker's by now, or was cancelled.
    """
    if keep:
        sql = (
            f"update crm_job set state = {State.DONE}, ended_at = $3, worker = null "
            "where id = $1 and worker = $2 and not cancelled"
        )
        written = await database.execute(sql, job.id, job.worker, micros(clock.now()))
    else:
        sql = "delete from crm_job where id = $1 and worker = $2 and not cancelled"
        written = await database.execute(sql, job.id, job.worker)
    if not written:
        raise _lost(job)
    if job.lane is not None:
        await database.execute("insert into crm_job_freed (lane) values ($1)", job.lane)


async def note(database: Database, job: Claimed, share: float, text: str) -> None:
    """Write how far a job is.

    Raises:

        Lost: it is another worker's by now.
    """
    said = json.dumps({"share": min(max(float(share), 0.0), 1.0), "text": text[:_LONGEST]}, ensure_ascii=False)
    if not await database.execute(
        "update crm_job set progress = $3 where id = $1 and worker = $2", job.id, job.worker, said
    ):
        raise _lost(job)


def _lost(job: Claimed) -> Lost:
    return Lost(f"The job {job.name} {job.id} is not this worker's any more; what it did now was not kept.")
