"""Handlers' jobs are written by a transaction of their own, after the commit: who dies between the two never tells them."""

from __future__ import annotations

import asyncio
from contextvars import ContextVar
from types import SimpleNamespace
from typing import Any

from crmcore import app

_late: ContextVar[list[Any]] = ContextVar("late")
#: Seconds between the two, as on a busy machine.
_BETWEEN = 0.05


def plant() -> None:
    """Take the jobs out of `flush`."""
    flush, run = app.flush, app.Crm.run

    async def without_jobs(work: Any, types: Any, handlers: Any) -> bool:
        rows = [row for event in work.events for row in handlers.rows_after(event)]
        _late.get([]).extend(rows)
        return await flush(work, types, SimpleNamespace(rows_after=lambda _: []))

    async def afterwards(self: Any, actor: Any, unit: Any, **more: Any) -> Any:
        rows: list[Any] = []
        _late.set(rows)

        async def fresh(work: Any) -> Any:
            rows.clear()
            return await unit(work)

        result = await run(self, actor, fresh, **more)
        if rows:
            await asyncio.sleep(_BETWEEN)
            late = SimpleNamespace(events=[], jobs=rows, database=self.database, entities=self.entities)
            async with self.database.transaction():
                await flush(late, self.event_types, self.handlers)  # type: ignore[arg-type]
        return result

    app.flush = without_jobs  # type: ignore[assignment]
    app.Crm.run = afterwards  # type: ignore[method-assign]
