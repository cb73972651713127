"""Webhooks' cursor moves in one transaction and the deliveries are put by the next: who dies between sends nothing."""

from __future__ import annotations

import asyncio
from typing import Any

from crmcore import Actor
from crmcore.webhooks import cursors, deliveries
from crmcore.webhooks.dispatcher import Dispatcher

#: Seconds between the two, as on a busy machine.
_BETWEEN = 0.3


def plant() -> None:
    """Part what belongs together."""

    async def parted(self: Any, endpoint: Any, before: Any, page: Any, *, tidy: bool) -> int | None:
        events = await self._told(endpoint, page.events)
        if not events:
            return None

        async def move(work: Any) -> bool:
            return await cursors.move(work.database, endpoint.id, before, page.cursor)

        async def put(work: Any) -> int:
            await deliveries.put(work, endpoint, events)
            return len(events)

        if not await self._crm.run(Actor.system("webhooks"), move):
            return None
        await asyncio.sleep(_BETWEEN)
        done: int = await self._crm.run(Actor.system("webhooks"), put)
        return done

    Dispatcher._put = parted  # type: ignore[method-assign]
