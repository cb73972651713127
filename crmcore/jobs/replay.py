"""The job that tells an after-handler again of what happened in a stretch of time."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from crmcore.entities.work import Work
from crmcore.events.recorded import Recorded
from crmcore.jobs.job import job
from crmcore.jobs.outcome import Dead
from crmcore.jobs.row import JobRow

if TYPE_CHECKING:
    from crmcore.app import Crm
    from crmcore.jobs.run import Run

__all__ = ["replay"]

_PAGE = 500
#: The feed is in the order of commits, and an event tells when its unit of work began; none takes longer than this.
_LONGEST_UNIT = timedelta(hours=1)


@job(timeout=6 * 3600.0, at_once=1, per="handler", name="replay_events")
async def replay(run: Run, handler: str, since: datetime, until: datetime) -> None:
    """Put a job for an after-handler and each event of a stretch of time, a page of events in a transaction.

    When it is begun again after a failure, what still waits is not put twice.
    """
    crm = run.crm
    if (told := crm.handlers.after.get(handler)) is None:
        msg = f"No loaded plugin has the after-handler {handler}; load it, and try this job again."
        raise Dead(msg)
    types = [key for key, known in crm.event_types.items() if issubclass(known.cls, told.event)]
    cursor = await crm.feed.since(since)
    more, put = bool(types), 0
    while more:
        page = await crm.feed.read(cursor, limit=_PAGE, types=types)
        rows = _rows(crm, handler, [one for one in page.events if since <= one.at < until], f"replay {run.id}")
        await run.work(_putting(rows))
        put += len(rows)
        cursor, more = page.cursor, page.more
        if page.events:
            last = page.events[-1].at
            more = more and last < until + _LONGEST_UNIT
            await run.progress((last - since) / (until - since), f"{put} events")


def _rows(crm: Crm, handler: str, events: Sequence[Recorded], key: str) -> list[JobRow]:
    rows = [row for one in events for row in crm.handlers.rows_after(one.event()) if row.name == handler]
    return [row._replace(key=f"{key} {row.event_id}") for row in rows]


def _putting(rows: Sequence[JobRow]) -> Callable[[Work], Awaitable[None]]:
    async def unit(work: Work) -> None:
        work.jobs.extend(rows)

    return unit
