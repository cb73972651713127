"""What people do to jobs that were put: cancel them, and have them done again."""

from __future__ import annotations

from uuid import UUID

from crmcore.database import Database, UniqueViolation
from crmcore.errors import Conflict, NotFound
from crmcore.jobs.states import State

__all__ = ["again", "cancel"]

_CANCEL = f"""
    update crm_job set cancelled = true,
        state = case when state < {State.RUNNING.value} then {State.CANCELLED.value} else state end,
        ended_at = case when state < {State.RUNNING.value} then cast($2 as bigint) end
    where id = $1 and state <= {State.RUNNING.value} returning lane
"""
_AGAIN = f"""
    update crm_job set state = {State.READY.value}, run_at = $2, attempts = 0, cancelled = false, worker = null, progress = null,
        error = null, ended_at = null
    where id = $1 and state >= {State.DONE.value} returning lane
"""


async def cancel(database: Database, id: UUID, now: int) -> bool:
    """Cancel a job: one that waits ends now, one that runs is told with its worker's next heartbeat.

    Args:

        database: inside a transaction.
        id: which.
        now: microseconds since 1970.

    Returns:

        False if it has ended already.

    Raises:

        NotFound: there is no such job, or none any more.
    """
    return await _write(database, _CANCEL, id, now)


async def again(database: Database, id: UUID, now: int) -> bool:
    """Have a job done that has ended, as if it had just been put.

    Returns:

        False if it has not ended.

    Raises:

        NotFound: there is no such job, or none any more.
        Conflict: another one with its key waits or runs.
    """
    try:
        return await _write(database, _AGAIN, id, now)
    except UniqueViolation as taken:
        msg = "Another job with the same key waits or runs, and does the same; let it end first."
        raise Conflict(msg) from taken


async def _write(database: Database, sql: str, id: UUID, now: int) -> bool:
    written = await database.fetch(sql, id, now)
    if written:
        if (lane := written[0][0]) is not None:
            await database.execute("insert into crm_job_freed (lane) values ($1)", lane)
        return True
    if await database.fetch_value("select 1 from crm_job where id = $1", id) is None:
        msg = "There is no such job; those that succeeded are gone after a while, after-handlers' at once."
        raise NotFound(msg)
    return False
