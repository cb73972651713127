"""An idempotency key is kept by a transaction of its own, after the commit: who dies between the two does it twice."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from contextvars import Context
from typing import Any

from crmcore.database import UniqueViolation
from crmcore.entities import idempotency

#: Seconds between the two, as on a busy machine.
_BETWEEN = 0.05
_tasks: set[asyncio.Task[None]] = set()


def plant() -> None:
    """Keep outcomes when it is too late."""

    async def do(self: Any, work: Any, effect: Any) -> Any:
        if found := await self._find(work.database):
            return self._replay(found)
        self._tried = True
        outcome = await effect()
        # In a context of its own, it has no part in the transaction that is open.
        task = asyncio.create_task(_later(self, work.database, outcome), context=Context())
        _tasks.add(task)
        task.add_done_callback(_tasks.discard)
        return outcome

    idempotency.Once.do = do  # type: ignore[method-assign]


async def _later(once: Any, database: Any, outcome: Any) -> None:
    await asyncio.sleep(_BETWEEN)
    with suppress(UniqueViolation):
        await database.execute(idempotency._KEEP, *once._row(outcome, None))
