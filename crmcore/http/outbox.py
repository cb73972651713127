"""Texts on their way to one client: few wait, and a client that does not read them in time is cut off."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass

from crmcore.settings import Subscriptions

__all__ = ["TOO_SLOW", "Ending", "Outbox"]


@dataclass(frozen=True, slots=True)
class Ending:
    """Why a connection is closed by us: a WebSocket's close code (docs/how-to/subscriptions.md lists them) and a sentence."""

    code: int
    reason: str


#: No other code fits, and clients that go by the protocol come back after it.
TOO_SLOW = Ending(4430, "Too slow: more answers wait than are kept. Begin again after the last cursor.")


class Outbox:
    """What waits for a client, in order.

    Attributes:

        ending: why nothing more is taken; None as long as something is.
        when_cut_off: called when the client has not read for too long.
    """

    def __init__(self, settings: Subscriptions) -> None:
        self._most, self._largest = settings.waiting_messages, settings.waiting_bytes
        self._texts: deque[str] = deque()
        self._bytes = 0
        self._changed = asyncio.Event()
        self._room = asyncio.Event()
        self._room.set()
        self.ending: Ending | None = None
        self.when_cut_off: Callable[[], object] = lambda: None

    def put(self, text: str) -> None:
        """Add a text; when too many wait already, all are dropped and the client is cut off."""
        if self.ending is not None:
            return
        self._texts.append(text)
        # Characters: what is no ASCII takes more bytes, and the limit is for memory, not exact.
        self._bytes += len(text)
        if len(self._texts) > self._most or self._bytes > self._largest:
            self._texts.clear()
            self.end(TOO_SLOW)
            self.when_cut_off()
        else:
            self._measure()
            self._changed.set()

    def end(self, ending: Ending) -> None:
        """Take no more; what waits is still sent."""
        if self.ending is None:
            self.ending = ending
        self._changed.set()
        self._room.set()

    async def room(self) -> None:
        """Wait until less than half of what may wait does."""
        await self._room.wait()

    async def next(self) -> str | None:
        """Return the next text when there is one, None when there will be none."""
        while not self._texts:
            if self.ending is not None:
                return None
            self._changed.clear()
            await self._changed.wait()
        text = self._texts.popleft()
        self._bytes -= len(text)
        self._measure()
        return text

    def _measure(self) -> None:
        if len(self._texts) * 2 < self._most and self._bytes * 2 < self._largest:
            self._room.set()
        elif self.ending is None:
            self._room.clear()
