"""Which task runs on an event loop."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Callable
from typing import Any

__all__ = ["current_task"]

#: Takes the running loop. Up to Python 3.11 asyncio's own is a function in Python that has the system asked for the process'
#: number; a transaction asks with each statement.
current_task: Callable[[asyncio.AbstractEventLoop], asyncio.Task[Any] | None]

if sys.version_info >= (3, 12):
    current_task = asyncio.current_task
else:
    current_task = vars(asyncio.tasks)["_current_tasks"].get
