"""The hub: one reader of the change feed for all subscribers of a process."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence
from contextvars import Context
from typing import Protocol

from crmcore.errors import Invalid, Refusal
from crmcore.events.cursor import Cursor
from crmcore.events.feed import Feed
from crmcore.events.pulse import Ear, Pulse
from crmcore.events.recorded import Recorded

__all__ = ["Hub", "Listener"]

logger = logging.getLogger("crmcore.events.hub")

#: Seconds until the next look while committed events wait for an older transaction to end: the first and the longest.
_SOON, _LATER = 0.005, 0.25
#: Seconds until the next try when the feed cannot be read.
_AGAIN = 1.0


class Listener(Protocol):
    """Whoever is told what happens."""

    def take(self, stored: Sequence[Recorded], opened: Sequence[Recorded], cursor: Cursor) -> None:
        """Take the next events, in order, as they are stored and opened; `cursor` is where the feed was read to.

        Neither waits nor raises.
        """
        ...

    def lost(self) -> None:
        """Learn that the feed cannot be followed on: the database is another one now."""
        ...


class Hub:
    """Reads the feed while somebody listens, and tells everybody of each event once.

    Attributes:

        position: how far the listeners were told; None while it does not run.
    """

    def __init__(self, feed: Feed, pulse: Pulse) -> None:
        self._feed, self._pulse = feed, pulse
        self._listeners: list[Listener] = []
        self._task: asyncio.Task[None] | None = None
        self._ending: set[asyncio.Task[None]] = set()
        self._begun = asyncio.Event()
        self.position: Cursor | None = None

    async def begun(self) -> Cursor:
        """Start if it does not run, and return the position from which listeners are told."""
        if self._task is None:
            self._task = asyncio.get_running_loop().create_task(self._run(), name="crm-hub", context=Context())
        while (position := self.position) is None:
            await self._begun.wait()
        return position

    def add(self, listener: Listener) -> None:
        """Tell `listener` of what comes after `position`."""
        self._listeners.append(listener)

    def rest(self) -> None:
        """Read no more, since nobody listens; the next `begun` starts anew."""
        task, self._task = self._task, None
        self.position = None
        self._begun.clear()
        if task is not None:
            task.cancel()
            self._ending.add(task)
            task.add_done_callback(self._ending.discard)

    async def close(self) -> None:
        """Read no more, and wait until nothing of it runs."""
        self.rest()
        if self._ending:
            await asyncio.wait(self._ending)

    async def _run(self) -> None:
        pause = _SOON
        async with self._pulse.listen() as ear:
            while True:
                try:
                    unsettled = await self._read()
                except Invalid as error:
                    logger.warning("The change feed cannot be followed on: %s", error.message)
                    self.position = None
                    self._begun.clear()
                    for listener in self._listeners:
                        listener.lost()
                    await asyncio.sleep(_AGAIN)
                except Refusal as error:
                    logger.warning("The change feed cannot be read now: %s", error.message)
                    await asyncio.sleep(_AGAIN)
                else:
                    pause = await _rest(ear, pause, unsettled=unsettled)

    async def _read(self) -> bool:
        """Tell of all that is settled; return whether more was committed."""
        if self.position is None:
            self.position = await self._feed.end()
            self._begun.set()
        while True:
            page = await self._feed.read(self.position, as_stored=True)
            opened = await self._feed.opened(page.events)
            # Nothing may come between: who joins now has the new position and is not told of this page.
            self.position = page.cursor
            for listener in self._listeners:
                listener.take(page.events, opened, page.cursor)
            if not page.more:
                return page.unsettled


async def _rest(ear: Ear, pause: float, *, unsettled: bool) -> float:
    """Wait until there may be something new; return how long to wait the next time if that is not settled either."""
    if not unsettled:
        await ear.next()
        return _SOON
    await ear.next(pause)
    return min(pause * 2, _LATER)
