"""The pulse: a hint, felt in all processes at this database, that something was committed."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from contextvars import Context
from secrets import token_hex

from crmcore.database import Database
from crmcore.database.postgresql.notices import NOTIFY
from crmcore.errors import Refusal
from crmcore.events.wires import wire_to

__all__ = ["Ear", "Pulse"]

logger = logging.getLogger("crmcore.events.pulse")

#: Seconds in which other processes are told once, however much is committed: at first, and while commits keep coming.
_TOGETHER, _AT_MOST = 0.01, 0.05
#: What other processes are told besides, where there is nothing for their workers.
_NO_JOBS = "events"


class Ear:
    """Feels the beats; made by `Pulse.listen`.

    Attributes:

        jobs: whether it waits for jobs, and for nothing else that is committed.
    """

    def __init__(self, look: float, *, jobs: bool = False) -> None:
        self._look, self.jobs = look, jobs
        # As if there had been one: whoever begins to listen looks first at what is there already.
        self._beaten = asyncio.Event()
        self._beaten.set()

    def beat(self) -> None:
        """Wake whoever waits; beats while nobody waits count as one."""
        self._beaten.set()

    async def next(self, within: float | None = None) -> bool:
        """Wait for a beat since the last call and say whether there was one; the first call returns at once.

        A beat can be lost between processes: look in any case when this returns.

        Args:

            within: seconds to wait at most; None is the setting `pulse.look`.
        """
        try:
            async with asyncio.timeout(self._look if within is None else within):
                await self._beaten.wait()
        except TimeoutError:
            return False
        self._beaten.clear()
        return True


class Pulse:
    """Says and hears that something was committed: at once in this process, within milliseconds in others.

    Nothing depends on it but time: a beat says "look", never what, and every listener looks now and then without one.

    Args:

        database: where commits happen.
        look: seconds after which a listener looks without a beat.
        listen: URL of a direct connection to the same PostgreSQL, where PgBouncer stands before the database.
    """

    def __init__(self, database: Database, look: float, listen: str | None = None) -> None:
        self._database, self._look, self._listen = database, look, listen
        self._mark = token_hex(4)
        self._ears: set[Ear] = set()
        self._hearing: asyncio.Task[None] | None = None
        self._telling: asyncio.Task[None] | None = None
        self._untold = self._untold_jobs = False
        self._hurry = asyncio.Event()

    def beat(self, *, jobs: bool = True) -> None:
        """Say that something was committed; costs next to nothing. Only on the event loop's thread.

        Args:

            jobs: whether there may be something to do for those who wait for jobs; if not they are left alone.
        """
        self._wake(jobs)
        if self._database.dialect != "postgresql":
            return  # SQLite's file tells by itself
        self._untold, self._untold_jobs = True, self._untold_jobs or jobs
        if self._telling is None:
            # A context of its own: it belongs to no request and to no transaction.
            self._telling = asyncio.get_running_loop().create_task(self._tell(), context=Context())

    @asynccontextmanager
    async def listen(self, *, jobs: bool = False) -> AsyncIterator[Ear]:
        """Feel the beats for the block: `async with pulse.listen() as ear: await ear.next()`.

        Args:

            jobs: feel only those that may be about jobs.
        """
        ear = Ear(self._look, jobs=jobs)
        self._ears.add(ear)
        if self._hearing is None:
            wire = wire_to(self._database.url, self._listen, self._hear)
            self._hearing = asyncio.get_running_loop().create_task(wire, name="crm-pulse", context=Context())
        try:
            yield ear
        finally:
            self._ears.discard(ear)
            if not self._ears:
                await self._hear_no_more()

    async def close(self) -> None:
        """Tell other processes what they were not told yet, and hear them no more."""
        self._hurry.set()
        if self._telling is not None:
            await asyncio.wait([self._telling])
        self._hurry.clear()
        await self._hear_no_more()

    async def _hear_no_more(self) -> None:
        hearing, self._hearing = self._hearing, None
        if hearing is not None:
            hearing.cancel()
            await asyncio.wait([hearing])

    def _hear(self, told: str) -> None:
        mark, _, what = told.partition(" ")
        if mark != self._mark:
            self._wake(jobs=what != _NO_JOBS)

    def _wake(self, jobs: bool) -> None:
        for ear in self._ears:
            if jobs or not ear.jobs:
                ear.beat()

    async def _tell(self) -> None:
        pause = _TOGETHER
        try:
            while self._untold:
                told = self._mark if self._untold_jobs else f"{self._mark} {_NO_JOBS}"
                self._untold = self._untold_jobs = False
                try:
                    await self._database.fetch(NOTIFY, told)
                except Refusal as error:  # a delay and no more: the others look by themselves
                    logger.info("Other processes were not told of a commit at once: %s", error.message)
                with suppress(TimeoutError):
                    async with asyncio.timeout(pause):
                        await self._hurry.wait()
                pause = min(pause * 2, _AT_MOST)
        finally:
            self._telling = None
