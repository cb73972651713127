"""What a process does besides answering requests: it does jobs, puts scheduled ones, and runs plugins' services."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from contextvars import Context
from types import TracebackType
from typing import TYPE_CHECKING

from crmcore.jobs.scheduler import Scheduler
from crmcore.jobs.worker import Worker

if TYPE_CHECKING:
    from crmcore.app import Crm

__all__ = ["Background"]

logger = logging.getLogger("crmcore.jobs")

#: Seconds until what has failed is begun again.
_PAUSE = 5.0
#: Seconds that a worker gets for its farewell, beyond what its jobs get.
_FAREWELL = 5.0


class Background:
    """Runs from `start` to `stop`, or as `async with crm.background:`.

    Args:

        crm: whose; it has to run.
    """

    def __init__(self, crm: Crm) -> None:
        self._crm = crm
        self._worker: Worker | None = None
        self._working: asyncio.Task[None] | None = None
        self._services: list[asyncio.Task[None]] = []

    @property
    def running(self) -> bool:
        """Whether it was started."""
        return self._working is not None

    async def __aenter__(self) -> Background:
        await self.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.stop()

    async def start(self, *, concurrency: int | None = None) -> None:
        """Begin; nothing happens if it runs already.

        Args:

            concurrency: how many jobs run beside each other; None takes the setting.
        """
        if self.running:
            return
        crm = self._crm
        self._worker = worker = Worker(crm, concurrency=concurrency)
        self._working = self._begin("worker", worker.run)
        self._services = [
            self._begin("scheduler", Scheduler(crm, crm.schedules).run),
            self._begin("health", crm.health.run),
            *(
                self._begin(f"{service.plugin} {service.name}", lambda run=service.run: run(crm))  # type: ignore[misc]
                for service in crm.declared.services
            ),
        ]

    async def stop(self) -> None:
        """End the services, and the worker once its jobs have ended or had the time that the setting gives them."""
        if self._worker is None or self._working is None:
            return
        for service in self._services:
            service.cancel()
        self._worker.stop()
        everything = [self._working, *self._services]
        _, left = await asyncio.wait(everything, timeout=self._crm.settings.jobs.stop_timeout + _FAREWELL)
        for task in left:
            task.cancel()
        if left:
            await asyncio.wait(left)
        self._worker, self._working, self._services = None, None, []

    def stalled(self) -> list[str]:
        """Say what of it stands still that should run, without asking the database."""
        if self._worker is None or self._working is None:
            return []
        ended = [task.get_name() for task in (self._working, *self._services) if task.done()]
        found = [f"The {name} has ended; restart this process and read its log." for name in ended]
        return [*found, *self._worker.stalled()]

    def _begin(self, name: str, run: Callable[[], Awaitable[None]]) -> asyncio.Task[None]:
        return asyncio.create_task(_kept_running(name, run), name=f"crm {name}", context=Context())


async def _kept_running(name: str, run: Callable[[], Awaitable[None]]) -> None:
    while True:
        try:
            await run()
        except Exception:  # whatever it is, background work must not end for good, nor in silence
            logger.exception("The %s of this process has failed; it is begun again in %g s.", name, _PAUSE)
            await asyncio.sleep(_PAUSE)
        else:
            return
