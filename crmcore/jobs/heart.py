"""What keeps a worker's claims its own: the lease is renewed, and the worker is told of what it must let go."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Collection
from time import monotonic
from uuid import UUID

from crmcore.database import Database
from crmcore.errors import Unavailable
from crmcore.jobs import lease

__all__ = ["Heart"]

logger = logging.getLogger("crmcore.jobs")


class Heart:
    """Beats three times a lease.

    Args:

        database: where the lease is.
        seconds: how long a lease lasts without a beat.
        held: gives the jobs that the worker knows to be its own.
        drop: called with jobs and whether they were cancelled (else they are others' by now).
        anew: called when there is another lease after one was lost.

    Attributes:

        worker: the lease's id; another one after a lease was lost.
        returned: jobs given back because this worker did not know of them; whoever claims empties it before.
    """

    worker: UUID

    def __init__(
        self,
        database: Database,
        seconds: float,
        held: Callable[[], Collection[UUID]],
        drop: Callable[[Collection[UUID], bool], None],
        anew: Callable[[], None],
    ) -> None:
        self._database, self._seconds, self._held, self._drop = database, seconds, held, drop
        self._anew = anew
        self._renewed = 0.0
        self._stray: set[UUID] = set()
        self.returned: set[UUID] = set()
        self._task: asyncio.Task[None] | None = None

    @property
    def beats(self) -> bool:
        """Whether the lease is sure to last still; nothing may be claimed without."""
        return monotonic() < self._renewed + self._seconds

    async def start(self) -> None:
        """Take a lease and begin to beat; jobs of workers that died meanwhile become ready."""
        await self._begin()
        await lease.release_expired(self._database)
        self._task = asyncio.create_task(self._run(), name="crm-jobs-heart")

    async def stop(self) -> None:
        """End the lease; what was claimed and not ended waits again."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.wait([self._task])
            try:
                await lease.give_up(self._database, self.worker)
            except Unavailable as error:
                logger.warning(
                    "The lease of this worker could not be given up, so its jobs wait until it ends: %s", error
                )

    async def beat(self) -> None:
        """Renew the lease, let go of what was cancelled or lost, and release what dead workers had."""
        started, held = monotonic(), set(self._held())
        if not await lease.renew(self._database, self.worker, self._seconds):
            logger.warning(
                "This worker was taken for dead, because it did not beat for %g s; its jobs are others' now.",
                self._seconds,
            )
            self._drop(held, False)
            await self._begin()
            self._anew()
            return
        self._renewed = started
        sql = "select id, cancelled from crm_job where worker = $1 and state = 4"
        mine = dict(await self._database.fetch(sql, self.worker))
        self._drop([id for id, cancelled in mine.items() if cancelled], True)
        self._drop(held - mine.keys(), False)
        await self._let_go(mine.keys() - set(self._held()))
        await lease.release_expired(self._database)

    async def _let_go(self, stray: set[UUID]) -> None:
        """Give back what this worker has without knowing: a claim whose answer was lost on the way.

        Only what was so at the beat before, too: a claim may be under way.
        """
        if lost := stray & self._stray:
            logger.warning("%d jobs were claimed without this worker hearing of it; they are given back.", len(lost))
            self.returned |= lost  # before the database is told: the claim's answer may be about to come
            await lease.give_back(self._database, self.worker, lost)
            self._anew()
        self._stray = stray - lost

    async def _begin(self) -> None:
        started = monotonic()
        self.worker = await lease.take(self._database, self._seconds)
        self._renewed = started

    async def _run(self) -> None:
        while True:
            await asyncio.sleep(self._seconds / 3)
            try:
                await self.beat()
            except Unavailable as error:
                logger.warning("The lease of this worker could not be renewed: %s", error)
            except Exception:  # it must not end the heart, which would end the worker's claims in silence
                logger.exception("The lease of this worker could not be renewed.")
            if not self.beats:
                self._drop(set(self._held()), False)
