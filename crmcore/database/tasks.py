"""Which task runs on an event loop, and what need not be waited for."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Awaitable, Callable
from typing import Any, Final, cast

__all__ = ["DONE", "current_task"]

#: Takes the running loop. Up to Python 3.11 asyncio's own is a function in Python that has the system asked for the process'
#: number; a transaction asks with each statement.
current_task: Callable[[asyncio.AbstractEventLoop], asyncio.Task[Any] | None]

if sys.version_info >= (3, 12):
    current_task = asyncio.current_task
else:
    current_task = vars(asyncio.tasks)["_current_tasks"].get


class _Done:
    # Found and called in C, where a coroutine that is over at once takes a function of Python's and a frame.
    __await__ = staticmethod(().__iter__)


#: Awaited it gives None at once, as often as anybody likes.
DONE: Final = cast("Awaitable[None]", _Done())
