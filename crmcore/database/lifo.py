"""A stack of connections: made when needed, used again last in first out, waited for in turn."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable
from typing import Generic, Protocol, TypeVar

from crmcore.database.failures import Busy
from crmcore.errors import Unavailable

__all__ = ["Lifo", "Stacked"]

#: Seconds that `Lifo.close` gives connections which are out to come back.
_FAREWELL = 5.0


class Stacked(Protocol):
    """What a stack needs to know of a connection."""

    @property
    def usable(self) -> bool:
        """Whether the next user may have it."""
        ...

    @property
    def unclear(self) -> bool:
        """Whether what it was doing was cut off, so that it must be asked to `mend` before it is used again."""
        ...

    async def mend(self) -> None:
        """Bring it where the next user may have it, or end it; never raises."""
        ...

    def abandon(self) -> None:
        """End it at once, without waiting for anything."""
        ...

    async def close(self) -> None:
        """End it in order."""
        ...


C = TypeVar("C", bound=Stacked)


class Lifo(Generic[C]):
    """At most `size` connections, the one used last handed out first, so that few stay warm.

    A stack of one is a lock: whoever has the connection is alone, and the others wait in turn.

    Args:

        connect: opens a connection.
        size: how many there may be.
        patience: seconds to wait for one before `Busy`.
        called: what messages call them ("connections to the database").

    Attributes:

        size: how many there may be.
        called: as given.
    """

    def __init__(self, connect: Callable[[], Awaitable[C]], size: int, patience: float, called: str) -> None:
        self._connect, self.size, self._patience, self.called = connect, size, patience, called
        self._idle: list[C] = []
        self._busy: set[C] = set()
        self._mending: set[asyncio.Task[None]] = set()
        self._waiting: deque[tuple[float, asyncio.Future[C | None]]] = deque()
        self._timer: asyncio.TimerHandle | None = None
        self._places = size
        self._closed = False
        self._all_back = asyncio.Event()

    @property
    def in_use(self) -> int:
        """How many connections are out."""
        return len(self._busy)

    @property
    def idle(self) -> int:
        """How many connections are open and not in use."""
        return len(self._idle)

    @property
    def waiting(self) -> int:
        """How many tasks wait for a connection."""
        return len(self._waiting)

    async def take(self) -> C:
        """Get a connection; it must come back through `give`, whatever happens.

        Raises:

            Busy: none became free in time.
            Unavailable: the stack is closed.
        """
        if (connection := self.idle_one()) is not None:
            return connection
        if self._closed:
            raise Unavailable("The database is closed, because this process is stopping; try again.")
        if self._places:
            self._places -= 1
            return await self._open()
        return await self._wait()

    def idle_one(self) -> C | None:
        """Get a connection that is open and not in use, as by `take`; None if there is none."""
        while self._idle:
            connection = self._idle.pop()
            if connection.usable:
                self._busy.add(connection)
                return connection
            connection.abandon()
            self._places += 1
        return None

    def give(self, connection: C) -> None:
        """Take a connection back; a broken one is ended and leaves its place to a new one, a cut-off one is mended."""
        if connection.unclear and not self._closed:
            task = asyncio.create_task(self._mend(connection))
            self._mending.add(task)
            task.add_done_callback(self._mending.discard)
        else:
            self._take_back(connection)

    def drop_idle(self) -> None:
        """End the connections that nobody has, at once; the next user gets a new one."""
        while self._idle:
            self._idle.pop().abandon()
            self._places += 1

    async def close(self) -> None:
        """End every connection; those that are out get a few seconds to come back."""
        self._closed = True
        while self._waiting:
            self._hand_on(None)
        while self._idle:
            await self._idle.pop().close()
        if self._busy:
            try:
                async with asyncio.timeout(_FAREWELL):
                    await self._all_back.wait()
            except TimeoutError:
                for connection in self._busy:
                    connection.abandon()

    async def _mend(self, connection: C) -> None:
        try:
            await connection.mend()
        finally:
            self._take_back(connection)

    def _take_back(self, connection: C) -> None:
        self._busy.discard(connection)
        if self._closed or not connection.usable:
            connection.abandon()
            self._hand_on(None)
        else:
            self._hand_on(connection)
        if self._closed and not self._busy:
            self._all_back.set()

    async def _open(self) -> C:
        try:
            connection = await self._connect()
        except BaseException:
            self._hand_on(None)
            raise
        self._busy.add(connection)
        return connection

    async def _wait(self) -> C:
        loop = asyncio.get_running_loop()
        turn: asyncio.Future[C | None] = loop.create_future()
        self._waiting.append((loop.time() + self._patience, turn))
        if self._timer is None:
            self._timer = loop.call_later(self._patience, self._give_up)
        try:
            connection = await turn
        except asyncio.CancelledError:
            if turn.done() and not turn.cancelled():  # served and cancelled in the same breath
                self._pass_on(turn.result())
            raise
        if connection is not None:
            return connection
        if self._closed:
            raise Unavailable("The database is closed, because this process is stopping; try again.")
        return await self._open()

    def _give_up(self) -> None:
        """Tell those who have waited too long; one timer serves them all, since who came first waits longest."""
        loop, self._timer = asyncio.get_running_loop(), None
        while self._waiting and (self._waiting[0][1].done() or self._waiting[0][0] <= loop.time()):
            _, turn = self._waiting.popleft()
            if not turn.done():
                msg = f"All {self.called} ({self.size}) were busy for {self._patience:g} s; try again in a moment."
                turn.set_exception(Busy(msg))
        if self._waiting:
            self._timer = loop.call_at(self._waiting[0][0], self._give_up)

    def _pass_on(self, served: C | None) -> None:
        if served is None:
            self._hand_on(None)
        else:
            self.give(served)

    def _hand_on(self, connection: C | None) -> None:
        """Give a connection, or (None) the place for a new one, to whoever waits longest, or keep it."""
        while self._waiting:
            _, turn = self._waiting.popleft()
            if not turn.done():
                if connection is not None:
                    self._busy.add(connection)
                turn.set_result(connection)
                return
        if connection is None:
            self._places += 1
        else:
            self._idle.append(connection)
