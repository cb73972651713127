"""After-handlers are told of what was committed: all of it, whatever becomes of whoever caused it."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from contextvars import Context
from typing import TYPE_CHECKING

from crmcore.events.event import Event
from crmcore.events.handlers import Handlers

if TYPE_CHECKING:
    from crmcore.app import Crm

__all__ = ["Delivery"]


class Delivery:
    """What is being told to after-handlers at present.

    Args:

        handlers: who is told.
    """

    def __init__(self, handlers: Handlers) -> None:
        self._handlers = handlers
        self._running: set[asyncio.Task[None]] = set()

    async def tell(self, crm: Crm, events: Iterable[Event]) -> None:
        """Tell after-handlers of events, in order, and wait until they are done.

        It goes on if the caller is cancelled meanwhile. Handlers run in a fresh context, so they inherit neither a
        transaction nor anything of the request.
        """
        told = [event for event in events if self._handlers.anyone_after(event)]
        if told:
            task = asyncio.create_task(self._tell_each(crm, told), context=Context())
            self._running.add(task)
            task.add_done_callback(self._running.discard)
            await asyncio.shield(task)

    async def settle(self) -> None:
        """Wait for what is being told now."""
        await asyncio.gather(*self._running)

    async def _tell_each(self, crm: Crm, events: list[Event]) -> None:
        for event in events:
            await self._handlers.tell_after(crm, event)
