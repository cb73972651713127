"""Clients that leave before they are answered: their queries end, on the database too."""

from __future__ import annotations

import asyncio

from crmcore.http.asgi import Receive
from crmcore.http.trace import Trace

__all__ = ["Departures"]

#: Seconds between two looks; a request that is there at both gets a listener.
_PATIENCE = 0.25


class Departures:
    """Listens for the clients of requests that take long; one timer looks after all of them.

    A task that listens costs 15 µs, and most requests are over before it would hear anything. So a request is only
    entered here, and gets its listener when it is still there at the second look.

    What has begun to write is not ended: half of its way is behind it, and its outcome is what a retry will be told.
    """

    def __init__(self) -> None:
        self._running: dict[Trace, tuple[asyncio.Task[object], Receive]] = {}
        self._listeners: dict[Trace, asyncio.Task[None]] = {}
        self._seen: frozenset[Trace] = frozenset()
        self._timer: asyncio.TimerHandle | None = None
        self._loop: asyncio.AbstractEventLoop | None = None

    def enter(self, trace: Trace, receive: Receive) -> None:
        """Begin to look after a request of the current task; its body must have been read."""
        # Told of the loop, since asking which one runs is a system call.
        task = None if self._loop is None else asyncio.current_task(self._loop)
        if task is None:
            task = asyncio.current_task()
            assert task is not None
            self._loop = task.get_loop()
        self._running[trace] = task, receive
        if self._timer is None:
            self._timer = task.get_loop().call_later(_PATIENCE, self._look)

    def leave(self, trace: Trace) -> None:
        """End it, if it was begun; from here on the task is not cancelled."""
        self._running.pop(trace, None)
        if self._listeners and (listener := self._listeners.pop(trace, None)) is not None:
            listener.cancel()

    def _look(self) -> None:
        loop = asyncio.get_running_loop()
        self._timer = loop.call_later(_PATIENCE, self._look) if self._running else None
        for trace in self._seen.intersection(self._running).difference(self._listeners):
            self._listeners[trace] = loop.create_task(self._listen(trace))
        self._seen = frozenset(self._running)

    async def _listen(self, trace: Trace) -> None:
        task, receive = self._running[trace]
        while (await receive())["type"] != "http.disconnect":
            pass
        if trace in self._running and not trace.wrote:
            trace.gone = True
            task.cancel()
