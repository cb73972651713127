"""Accounts are brought up to date by a transaction of their own, after the commit: who dies between the two never does."""

from __future__ import annotations

import asyncio
from contextvars import Context
from typing import Any

from crmcore_loyalty.ledger import journal, rows, shapes

#: Seconds between the two, as on a busy machine.
_BETWEEN = 0.05
_tasks: set[asyncio.Task[Any]] = set()


def plant() -> None:
    """Write everything but accounts at once, and accounts later."""
    parts, post = journal._parts, journal.post

    async def later(work: Any, plans: Any, *given: Any) -> Any:
        done = await post(work, plans, *given)
        written = [rows.of_account(account) for plan in plans for account in plan.accounts.values()]

        async def write() -> None:
            await asyncio.sleep(_BETWEEN)
            for row in written:
                await work.database.execute(shapes.write_one(shapes.ACCOUNT), *row)

        # In a context of its own, it has no part in the transaction that is open.
        task = asyncio.create_task(write(), context=Context())
        _tasks.add(task)
        task.add_done_callback(_tasks.discard)
        return done

    journal._parts = lambda plans: [part for part in parts(plans) if part[0] is not shapes.ACCOUNT]
    journal.post = later  # type: ignore[assignment]
