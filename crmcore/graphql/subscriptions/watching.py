"""`jobProgress`: one job, shown whenever it stands otherwise than it was shown last, until it has ended."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING
from uuid import UUID

from crmcore.database import ids
from crmcore.errors import NotFound, Unavailable
from crmcore.graphql.mutations.results import shown
from crmcore.graphql.subscriptions.member import Member
from crmcore.graphql.subscriptions.showing import show
from crmcore.jobs.known import Job, JobState, jobs_by_id

if TYPE_CHECKING:
    from crmcore.app import Crm

__all__ = ["watch_job"]

#: Seconds between two looks at least, and at most: what a job says of itself is no event of the feed.
_APART, _LOOK = 0.1, 1.0

_ENDED = frozenset({JobState.DONE, JobState.DEAD, JobState.CANCELLED})


async def watch_job(crm: Crm, member: Member, id: UUID) -> None:
    """Show a job to a subscriber until it has ended.

    Raises:

        NotFound: there is none, or they may not see it.
    """
    last: Job | None = None
    async with crm.pulse.listen() as ear:
        while True:
            await ear.next(_LOOK)
            try:
                job = (await jobs_by_id(crm, member.actor, [id])).get(id)
            except Unavailable:
                continue
            if job is None and last is None:
                msg = f"There is no job {ids.encode('job', id)}, or you may not see it."
                raise NotFound(msg)
            if job is not None and job != last:
                last = job
                (text,) = await show(member.asked, member.actor, [shown(job)])
                await member.sink.room()
                member.sink.next(text, None)
            if job is None or job.state in _ENDED:
                member.sink.complete()
                return
            await asyncio.sleep(_APART)
