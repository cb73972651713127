"""What people do with jobs, as mutations."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import datetime
from typing import Annotated
from uuid import UUID

from crmcore.database import ids
from crmcore.entities.action import action
from crmcore.entities.work import Work
from crmcore.errors import Conflict, Invalid, NotFound
from crmcore.jobs import operating
from crmcore.jobs.known import Job, job_by_id
from crmcore.jobs.moment import micros
from crmcore.jobs.permissions import MANAGE
from crmcore.jobs.replay import replay
from crmcore.settings.reader import closest

__all__ = ["cancel_job", "replay_events", "retry_job"]


@action(returns=Job)
async def cancel_job(work: Work, id: Annotated[str, "The job's id, as in job_…"]) -> Job:
    """Cancel a job: one that waits ends at once, one that runs is interrupted within seconds. Others' needs jobs.manage."""
    job_id = ids.parse(id, "job")
    found = await job_by_id(work.database, job_id)
    manages = work.actor.access.may(MANAGE)
    own = found is not None and found[1] is not None and json.loads(found[1])["id"] == work.actor.id is not None
    if not manages and not own:
        msg = f"There is no job {id}, or it is not yours."
        raise NotFound(msg)
    if not await operating.cancel(work.database, job_id, micros(work.now)):
        msg = f"The job {id} has ended already."
        raise Conflict(msg)
    return await _job(work, job_id, full=manages)


@action(returns=Job, permission=MANAGE)
async def retry_job(work: Work, id: Annotated[str, "The job's id, as in job_…"]) -> Job:
    """Have a job done again that is dead, was cancelled, or succeeded."""
    job_id = ids.parse(id, "job")
    if not await operating.again(work.database, job_id, micros(work.now)):
        msg = f"The job {id} has not ended; cancel it first, or wait."
        raise Conflict(msg)
    return await _job(work, job_id)


@action(returns=Job, permission=MANAGE)
async def replay_events(
    work: Work,
    handler: Annotated[str, "Name of the after-handler: the plugin's name, a dot, and the function's."],
    since: Annotated[datetime, "Events from this instant on."],
    until: Annotated[datetime | None, "And before this one; now if absent."] = None,
) -> Job:
    """Tell an after-handler again of what happened in a stretch of time. It knows by the event's id what it has seen."""
    if handler not in work.handlers.after:
        known = closest(handler, list(work.handlers.after))
        raise Invalid.at("handler", "UNKNOWN_HANDLER", f"There is no after-handler {handler[:100]!r}; {known}")
    end = until or work.now
    if since >= end:
        raise Invalid.at("since", "NOT_BEFORE", "The stretch of time ends before it begins; give an earlier since.")
    await work.put(replay(handler=handler, since=since, until=end))
    put = work.jobs[-1]
    return Job.of(put)


async def _job(work: Work, id: UUID, *, full: bool = True) -> Job:
    found = await job_by_id(work.database, id)
    assert found is not None
    return found[0] if full else replace(found[0], error=None, arguments=None)
