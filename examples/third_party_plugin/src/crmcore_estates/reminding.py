"""Agents are reminded of the viewings they have booked."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from crmcore import Run, Work, actions, job

from crmcore_estates.events import EstateViewingCreated, EstateViewingUpdated
from crmcore_estates.settings import EstatesSettings
from crmcore_estates.tables import EstateViewingStatus

__all__ = ["plan_reminder", "remind", "replan_reminder"]


@job(retries=5)
async def remind(run: Run, viewing_id: UUID, starts_at: datetime) -> None:
    """Put a viewing on its agent's list, unless it was moved or cancelled since."""
    await run.work(lambda work: _put_on_list(work, run.id, viewing_id, starts_at))


async def plan_reminder(work: Work, event: EstateViewingCreated) -> None:
    """Have the agent reminded of a new viewing."""
    await _plan(work, event.record_id, event.after["starts_at"])


async def replan_reminder(work: Work, event: EstateViewingUpdated) -> None:
    """Have the agent reminded of a viewing that was moved."""
    if "starts_at" in event.changed:
        await _plan(work, event.record_id, event.after["starts_at"])


async def _plan(work: Work, viewing_id: UUID, starts_at: datetime) -> None:
    hours = work.settings[EstatesSettings].remind_hours
    if hours and starts_at > work.now:
        at = max(starts_at - timedelta(hours=hours), work.now)
        await work.put(remind(viewing_id=viewing_id, starts_at=starts_at), at=at)


async def _put_on_list(work: Work, job_id: UUID, viewing_id: UUID, starts_at: datetime) -> None:
    found = await work.find("estate_viewing", id=viewing_id, status=EstateViewingStatus.BOOKED.name)
    if not found or found[0]["starts_at"] != starts_at:
        return
    # The job's id is the interaction's: a second attempt finds what the first has made.
    if await work.rows("select id from interaction where id = $1", job_id):
        return
    viewing = found[0]
    (estate,) = await work.find("estate", id=viewing["estate_id"])
    values = {"id": job_id, "kind": "ESTATE_VIEWING", "subject": f"Viewing: {estate['title']}, {estate['street']}"}
    values |= {"customer_id": viewing["customer_id"], "assignee_id": viewing["owner_id"], "due_at": starts_at}
    await actions.create(work, "interaction", values)
