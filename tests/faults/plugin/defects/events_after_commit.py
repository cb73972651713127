"""Events are written by a transaction of their own, after the commit: who dies between the two leaves a change without."""

from __future__ import annotations

import asyncio
from typing import Any

from crmcore import app

#: Seconds between the two, as on a busy machine.
_BETWEEN = 0.05


def plant() -> None:
    """Put off `flush` until the transaction is over."""
    flush, run = app.flush, app.Crm.run

    async def afterwards(self: Any, actor: Any, unit: Any, **more: Any) -> Any:
        done: list[Any] = []

        async def noted(work: Any) -> Any:
            result = await unit(work)
            done[:] = [work]
            return result

        app.flush = _nothing  # type: ignore[assignment]
        result = await run(self, actor, noted, **more)
        await asyncio.sleep(_BETWEEN)
        async with self.database.transaction():
            await flush(done[0], self.event_types, self.handlers)
        return result

    app.Crm.run = afterwards  # type: ignore[method-assign]


async def _nothing(work: Any, types: Any, handlers: Any) -> bool:
    return True
