"""Events of some time are sent to an endpoint again: a job, since there may be many."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING
from uuid import UUID

from crmcore.entities import store
from crmcore.entities.work import Work
from crmcore.events.cursor import Cursor
from crmcore.events.recorded import Recorded
from crmcore.jobs.job import job
from crmcore.webhooks.deliveries import put_again
from crmcore.webhooks.endpoint import Endpoint
from crmcore.webhooks.matching import matching

if TYPE_CHECKING:
    from crmcore.jobs.run import Run

__all__ = ["replay_range"]

_PAGE = 200
#: Events stand in the order of their commits, their times are those at which their transactions began.
_LONGEST_UNIT = timedelta(hours=1)


@job(retries=10, timeout=3600)
async def replay_range(run: Run, endpoint_id: UUID, since: datetime, until: datetime, delivered_too: bool) -> None:
    """Put deliveries of what happened in some time; done twice it puts nothing twice that still waits."""
    crm, kind = run.crm, run.crm.entities["webhook_endpoint"]
    cursor: Cursor | None = await crm.feed.since(since)
    count = 0
    while cursor is not None:
        found = await store.select(crm.database, kind, "t.id = $1", endpoint_id)
        if not found or not (endpoint := Endpoint.of(found[0])).enabled:
            return
        page = await crm.feed.read(cursor, limit=_PAGE)
        chosen = [event for event in page.events if since <= event.at < until]
        count += await _put(run, endpoint, await matching(crm, endpoint, chosen), delivered_too)
        await run.progress(0.0, f"{count} deliveries put")
        over = bool(page.events) and page.events[0].at >= until + _LONGEST_UNIT
        cursor = page.cursor if page.more and not over else None


async def _put(run: Run, endpoint: Endpoint, events: list[Recorded], delivered_too: bool) -> int:
    if not events:
        return 0

    async def unit(work: Work) -> int:
        return await put_again(work, endpoint, events, delivered_too=delivered_too)

    return await run.work(unit)
