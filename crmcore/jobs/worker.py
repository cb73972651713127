"""A worker: claims jobs that are due, runs them beside each other, and writes how they ended."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Collection, Mapping
from contextvars import Context
from datetime import timedelta
from functools import partial
from time import monotonic, perf_counter
from typing import TYPE_CHECKING
from uuid import UUID

from crmcore import clock
from crmcore.errors import Unavailable
from crmcore.jobs import ending
from crmcore.jobs.attempt import attempt
from crmcore.jobs.claim import Batch, claim
from crmcore.jobs.claimed import Claimed
from crmcore.jobs.heart import Heart
from crmcore.jobs.moment import micros
from crmcore.jobs.outcome import Ended, Outcome

if TYPE_CHECKING:
    from crmcore.app import Crm
    from crmcore.events import Event
    from crmcore.events.pulse import Ear

__all__ = ["Worker"]

logger = logging.getLogger("crmcore.jobs")

#: Seconds to wait after the database has failed.
_PAUSE = 1.0
#: How long a job is put off of which nobody knows how it ended.
_LATER = timedelta(minutes=1)
#: Seconds without a look after which something is wrong.
_SILENT = 60.0
#: Ends that need not be written: they are, or must not be.
_WRITTEN = (Outcome.FINISHED, Outcome.LOST)


class Worker:
    """Does jobs from `run` until `stop`.

    Args:

        crm: the CRM, started.
        concurrency: how many jobs run beside each other; None takes the setting.
    """

    def __init__(self, crm: Crm, *, concurrency: int | None = None) -> None:
        self._crm, self._settings = crm, crm.settings.jobs
        self._concurrency = concurrency or self._settings.concurrency
        # By claim, not by job: after a lost lease the same job may be claimed anew while its old attempt still unwinds.
        self._running: dict[Claimed, asyncio.Task[Ended]] = {}
        self._dropped: dict[Claimed, Outcome] = {}
        self._ended: list[Ended] = []
        # All that this worker knows to be its own, from the claim until its end is written.
        self._held: set[Claimed] = set()
        # Those among them that are claimed and not begun.
        self._coming: set[Claimed] = set()
        self._ear: Ear | None = None
        self._stopping = False
        self._made = self._looked = monotonic()
        self._heart = Heart(crm.database, self._settings.lease, self._ids, self._drop, self._look)

    async def run(self) -> None:
        """Work until `stop`, then let the running jobs end; those that need longer are given back."""
        await self._heart.start()
        try:
            async with self._crm.pulse.listen(jobs=True) as self._ear:
                while not self._stopping:
                    await self._ear.next(await self._try_turn())
        finally:
            await self._leave()

    def stop(self) -> None:
        """Let `run` come to its end: nothing more is claimed."""
        self._stopping = True
        self._look()

    def stalled(self) -> list[str]:
        """Say what is wrong if it does not do its work, without asking the database."""
        found = []
        if (silent := monotonic() - self._looked) > _SILENT:
            found.append(f"The worker has not looked for jobs for {silent:.0f} s; its database or a job holds it up.")
        if not self._heart.beats and monotonic() > self._made + self._settings.lease:
            found.append("The worker cannot renew its lease, so it claims no jobs; see that the database answers.")
        return found

    async def drain(self) -> list[Ended]:
        """Do what is due now, one after the other, until nothing is; return the attempts."""
        await self._heart.start()
        done: list[Ended] = []
        try:
            while (batch := await self._claim(1)).jobs or batch.more:
                events = await self._events(batch.jobs)
                for job in batch.jobs:
                    done.append(await self._do(job, events))
                    self._ended.append(done[-1])
                    await self._write()
        finally:
            await self._heart.stop()
        return done

    async def _try_turn(self) -> float | None:
        try:
            return await self._turn()
        except Unavailable as error:
            logger.warning("The database cannot be asked for jobs now: %s", error)
            return _PAUSE

    async def _turn(self) -> float | None:
        """Write what has ended and take what is due; say in how many seconds to look again, None for the setting."""
        self._looked = monotonic()
        await self._write()
        free = self._concurrency - len(self._running)
        if free <= 0 or not self._heart.beats:
            return None
        batch = await self._claim(free)
        events = await self._events(batch.jobs)
        for job in self._begin(batch.jobs):
            # In a context of its own: a job inherits nothing of whatever woke the worker.
            task = asyncio.create_task(self._do(job, events), name=job.name, context=Context())
            self._running[job] = task
            task.add_done_callback(partial(self._over, job))
        if batch.more:
            return 0.0
        return None if batch.next_at is None else min(self._crm.settings.pulse.look, _seconds_until(batch.next_at))

    async def _claim(self, most: int) -> Batch:
        heart = self._heart
        heart.returned.clear()
        batch = await claim(self._crm.database, heart.worker, most, micros(clock.now()))
        # The answer may have been long on its way: what is not this worker's any more, or not surely, is left alone, and
        # the heart or other workers see to it.
        mine = [
            job for job in batch.jobs if heart.beats and job.worker == heart.worker and job.id not in heart.returned
        ]
        self._held.update(mine)
        self._coming.update(mine)
        return batch._replace(jobs=mine)

    def _begin(self, jobs: Collection[Claimed]) -> list[Claimed]:
        """Return the jobs that nobody has dropped since they were claimed."""
        left = [job for job in jobs if job in self._coming]
        self._coming.difference_update(left)
        return left

    async def _events(self, jobs: Collection[Claimed]) -> Mapping[UUID, Event]:
        wanted = [job.event_id for job in jobs if job.event_id is not None]
        try:
            return await self._crm.feed.events(wanted) if wanted else {}
        except BaseException:  # nothing of the batch will be begun
            self._ended += [Ended(job, Outcome.BACK) for job in self._begin(jobs)]
            raise

    async def _do(self, job: Claimed, events: Mapping[UUID, Event]) -> Ended:
        routine, started = self._crm.jobs.routine(job.name), perf_counter()
        if routine is None:
            return Ended(job, Outcome.ASIDE)
        ended = await attempt(self._crm, routine, job, events.get(job.event_id) if job.event_id else None)
        return self._crm.health.judge(routine.plugin, ended, perf_counter() - started)

    def _over(self, job: Claimed, task: asyncio.Task[Ended]) -> None:
        """Note how a task ended, whichever way it did."""
        del self._running[job]
        dropped = self._dropped.pop(job, Outcome.BACK)
        if task.cancelled():
            self._ended.append(Ended(job, dropped))
        elif (error := task.exception()) is not None:
            logger.error("The job %s %s could not be judged; it is put off.", job.name, job.id, exc_info=error)
            run_at = micros(clock.now() + _LATER)
            self._ended.append(Ended(job, Outcome.PUT_OFF, f"{type(error).__name__}: {error}", run_at))
        else:
            self._ended.append(task.result())
        self._look()

    def _drop(self, jobs: Collection[UUID], cancelled: bool) -> None:
        """Cancel attempts that nobody wants any more, or that are others' by now; what was not begun never will be."""
        outcome = Outcome.CANCELLED if cancelled else Outcome.LOST
        for job, task in self._running.items():
            if job.id in jobs:
                self._dropped[job] = outcome
                task.cancel()
        coming = {job for job in self._coming if job.id in jobs}
        self._coming -= coming
        self._ended += [Ended(job, outcome) for job in coming]

    def _ids(self) -> set[UUID]:
        return {job.id for job in self._held}

    def _look(self) -> None:
        if self._ear is not None:
            self._ear.beat()

    async def _write(self) -> None:
        """Write how jobs ended; if that fails they are kept for the next time."""
        ended, self._ended = self._ended, []
        try:
            for worker in {one.job.worker for one in ended}:
                told = [one for one in ended if one.job.worker == worker and one.outcome not in _WRITTEN]
                if told:
                    await ending.end(self._crm.database, worker, told)
        except BaseException:
            self._ended += ended
            raise
        self._held.difference_update(one.job for one in ended)
        if any(one.job.lane for one in ended):
            self._crm.pulse.beat()

    async def _leave(self) -> None:
        """Give running jobs time, end the others, write how all ended and give back what is left."""
        if self._running:
            await asyncio.wait(self._running.values(), timeout=self._settings.stop_timeout)
        for task in tuple(self._running.values()):
            task.cancel()
        if self._running:
            await asyncio.wait(self._running.values())
            await asyncio.sleep(0)  # what is called when tasks are done is called then
        try:
            await self._write()
        except Unavailable as error:
            logger.warning("How jobs ended could not be written, so they will be done again: %s", error)
        await self._heart.stop()


def _seconds_until(at: int) -> float:
    return max(0.0, (at - micros(clock.now())) / 1_000_000)
