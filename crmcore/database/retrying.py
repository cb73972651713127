"""Doing a unit of work again when somebody else was at the same rows."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable
from contextvars import ContextVar
from typing import Any, TypeVar

from crmcore.database.failures import Contention
from crmcore.database.tasks import current_task

__all__ = ["RETRIED", "retrying"]

T = TypeVar("T")

_ATTEMPTS = 16
#: Seconds: the most to wait after the first failure (doubled after each), and ever.
_FIRST_WAIT, _LONGEST_WAIT = 0.005, 0.25
#: The task whose unit is done again if it meets somebody; None where nobody does that.
RETRIED: ContextVar[asyncio.Task[Any] | None] = ContextVar("crm_retried", default=None)


async def retrying(unit: Callable[[], Awaitable[T]]) -> T:
    """Run `unit` until it meets nobody, waiting a random, growing time between attempts ("full jitter").

    Raises:

        Contention: the last attempt failed too; it is an `errors.Unavailable`.
    """
    token = RETRIED.set(current_task(asyncio.get_running_loop()))
    try:
        for attempt in range(_ATTEMPTS - 1):
            try:
                return await unit()
            except Contention:
                longest = min(_LONGEST_WAIT, _FIRST_WAIT * 2**attempt)
                await asyncio.sleep(random.uniform(0, longest))  # noqa: S311 - no secret
    finally:
        RETRIED.reset(token)
    return await unit()
