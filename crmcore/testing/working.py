"""Doing what waits, in a test: everything that is due, one after the other, and what became of each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from crmcore import clock
from crmcore.events.event import Event
from crmcore.jobs.outcome import Ended, Outcome
from crmcore.jobs.scheduler import Scheduler
from crmcore.jobs.worker import Worker
from crmcore.testing.crash import CRASHED
from crmcore.testing.waiting import decoded

if TYPE_CHECKING:
    from crmcore.testing.crm import TestCrm

__all__ = ["DoneJob", "work_off"]

_SUCCEEDED = (Outcome.DONE, Outcome.FINISHED)


@dataclass(frozen=True, slots=True)
class DoneJob:
    """One attempt at a job.

    Attributes:

        name: `plugin.function`, for after-handlers too.
        arguments: by name, as the job's function got them.
        event: what an after-handler was told of.
        attempt: 1 for the first.
        error: why it failed, with its traceback; None if it succeeded.
        dead: whether it failed for good.
    """

    name: str
    arguments: Mapping[str, Any]
    event: Event | None
    attempt: int
    error: str | None
    dead: bool


async def work_off(crm: TestCrm, *, failed: bool) -> list[DoneJob]:
    """Do all that is due; see `TestCrm.work_off`."""
    await _bury(crm)
    now = clock.now()
    # What fails is due again in a moment: on a slow machine that would be in this same call.
    with clock.at(lambda: now):
        ended = await _worked(crm)
    if not failed:
        _demand(ended)
    return [await _done(crm, one) for one in ended]


async def _bury(crm: TestCrm) -> None:
    """Free what crashed processes had claimed, as when their leases have run out."""
    if crm.database in CRASHED:
        await crm.database.execute("delete from crm_job_worker")
        CRASHED.discard(crm.database)


async def _worked(crm: TestCrm) -> list[Ended]:
    own = {key: schedule for key, schedule in crm.schedules.items() if schedule.plugin not in _housekeepers(crm)}
    scheduler, ended = Scheduler(crm, own), list[Ended]()
    with clock.at(lambda: crm.clock.began):
        await scheduler.put_due()
    await crm.health.look()
    while True:
        await scheduler.put_due()
        await _dispatch(crm)
        now_ended = await Worker(crm, concurrency=1).drain()
        ended += now_ended
        if not now_ended:
            return ended


def _housekeepers(crm: TestCrm) -> set[str]:
    """Return the plugins whose schedules only tidy up: no test waits for them."""
    return {plugin.name for plugin in crm.plugins if plugin.builtin}


async def _dispatch(crm: TestCrm) -> None:
    # Heavy: webhooks, which most tests have nothing to do with.
    from crmcore.webhooks.dispatcher import Dispatcher

    await Dispatcher(crm).round()


def _demand(ended: Sequence[Ended]) -> None:
    failures = [one for one in ended if one.raised or one.outcome in (Outcome.DEAD, Outcome.ASIDE)]
    if failures:
        said = "\n\n".join(f"{one.job.name} (attempt {one.job.attempts}): {one.error}" for one in failures)
        msg = f"{len(failures)} of {len(ended)} jobs failed; work_off(failed=True) lets them.\n\n{said}"
        raise AssertionError(msg)


async def _done(crm: TestCrm, one: Ended) -> DoneJob:
    job = one.job
    event = None
    if job.event_id is not None:
        event = (await crm.feed.events([job.event_id])).get(job.event_id)
    error = None if one.outcome in _SUCCEEDED else one.error or one.outcome.name.lower()
    arguments = decoded(crm, job.name, job.arguments)
    return DoneJob(job.name, arguments, event, job.attempts, error, one.outcome is Outcome.DEAD)
