"""A worker's lease: as long as it is renewed, what the worker claimed is its own; afterwards others take it.

All by the clock of the database, which all workers share, so it does not matter what time their machines think it is.
"""

from __future__ import annotations

import logging
import socket
from collections.abc import Collection
from uuid import UUID

from crmcore.database import Database, ids
from crmcore.database.arrays import members
from crmcore.jobs.states import State

__all__ = ["NOW", "give_back", "give_up", "release_expired", "renew", "take"]

logger = logging.getLogger("crmcore.jobs")

#: The present time in seconds since 1970.
NOW = {
    "postgresql": "extract(epoch from clock_timestamp())",
    "sqlite": "((julianday('now') - 2440587.5) * 86400.0)",
}


async def take(database: Database, seconds: float) -> UUID:
    """Begin a lease and return the worker's id, which is new each time."""
    worker = ids.new()
    sql = f"insert into crm_job_worker (id, host, leased_until) values ($1, $2, {NOW[database.dialect]} + $3)"
    await database.execute(sql, worker, socket.gethostname(), float(seconds))
    return worker


async def renew(database: Database, worker: UUID, seconds: float) -> bool:
    """Let a lease last so many seconds from now; say whether it could be: once it has ended it cannot."""
    now = NOW[database.dialect]
    sql = f"update crm_job_worker set leased_until = {now} + $2 where id = $1 and leased_until >= {now}"
    return await database.execute(sql, worker, float(seconds)) == 1


async def give_up(database: Database, worker: UUID) -> None:
    """End a lease; what the worker had claimed and not ended waits again."""
    await database.execute("delete from crm_job_worker where id = $1", worker)
    await _release(database, [worker], back=1)


async def give_back(database: Database, worker: UUID, jobs: Collection[UUID]) -> None:
    """Let some jobs of a worker wait again, as if they had not been begun."""
    sql = (
        f"update crm_job set state = {State.READY}, worker = null, attempts = attempts - 1 "
        f"where state = {State.RUNNING} and worker = $1 and id in ({members(database.dialect, '$2', 'uuid')})"
    )
    await database.execute(sql, worker, list(jobs))


async def release_expired(database: Database) -> int:
    """Let the jobs of workers wait again whose lease has ended; return how many."""
    now = NOW[database.dialect]
    # First the lease, so that it cannot be renewed any more, then its jobs. A job whose worker has no lease is one whose
    # releaser died between the two.
    gone = await database.fetch(f"delete from crm_job_worker where leased_until < {now} returning host")
    orphans = await database.fetch(
        f"select distinct worker from crm_job where state = {State.RUNNING} "
        "and worker not in (select id from crm_job_worker)"
    )
    released = await _release(database, [worker for (worker,) in orphans], back=0) if orphans else 0
    if gone or released:
        hosts = ", ".join(sorted({host for (host,) in gone})) or "unknown hosts"
        logger.warning("Workers of %s ended without a word; %d jobs of theirs wait to be done again.", hosts, released)
    return released


async def _release(database: Database, workers: list[UUID], back: int) -> int:
    sql = (
        f"update crm_job set state = {State.READY}, worker = null, attempts = attempts - {back} "
        f"where state = {State.RUNNING} and worker in ({members(database.dialect, '$1', 'uuid')})"
    )
    return await database.execute(sql, workers)
