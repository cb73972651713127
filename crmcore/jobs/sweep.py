"""Jobs that have ended go after the time that the settings give them, a few at a time."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from crmcore import clock
from crmcore.database import Database
from crmcore.jobs import days
from crmcore.jobs.job import job
from crmcore.jobs.moment import micros
from crmcore.jobs.states import State

if TYPE_CHECKING:
    from crmcore.jobs.run import Run

__all__ = ["sweep", "swept"]

#: Jobs that go in one transaction: nobody who writes waits for long.
_BATCH = 500
_FIGURES = timedelta(days=60)


@job(at_once=1, timeout=3600.0)
async def sweep(run: Run) -> None:
    """Remove jobs that ended long ago (settings jobs.keep_ended and jobs.keep_dead), and figures of past months."""
    settings, now = run.crm.settings.jobs, clock.now()
    database = run.crm.database
    await swept(database, (State.DONE, State.CANCELLED), now - timedelta(days=settings.keep_ended))
    if settings.keep_dead is not None:
        await swept(database, (State.DEAD,), now - timedelta(days=settings.keep_dead))
    await days.forget(database, (now - _FIGURES).date())


async def swept(database: Database, states: tuple[State, ...], until: datetime) -> int:
    """Remove jobs in some states that ended before an instant; return how many there were."""
    # The first condition is that of the index, word by word, without which SQLite does not use it.
    chosen = (
        f"select id from crm_job where state > {State.RUNNING.value} and ended_at < $1 "
        f"and state in ({', '.join(str(one.value) for one in states)}) order by ended_at limit {_BATCH}"
    )
    removed, gone = 0, _BATCH
    while gone == _BATCH:
        gone = await database.execute(f"delete from crm_job where id in ({chosen})", micros(until))
        removed += gone
    return removed
