"""A thread that does one thing after the other and tells the event loop."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from contextlib import suppress
from queue import SimpleQueue
from typing import Any, TypeVar

__all__ = ["Worker"]

T = TypeVar("T")


class Worker:
    """One thread. What is asked of it is done in order; what nobody waits for any more is left out.

    Measured against `run_in_executor`, a thread and queue of one's own costs about half (docs/decisions/0002).
    """

    def __init__(self, name: str) -> None:
        self._queue: SimpleQueue[_Job | None] = SimpleQueue()
        self._asked = self._done = 0
        threading.Thread(target=self._serve, name=name, daemon=True).start()

    @property
    def idle(self) -> bool:
        """Whether everything is done; what was cancelled may run on for a moment."""
        return self._asked == self._done

    def call(self, work: Callable[..., T], *args: Any, always: bool = False) -> asyncio.Future[T]:
        """Have `work(*args)` done; `always` means even if the future is cancelled before its turn."""
        job = _Job(work, args, always)
        self._asked += 1
        self._queue.put(job)
        return job.future

    def stop(self) -> None:
        """End the thread when what was asked before is done."""
        self._queue.put(None)

    def _serve(self) -> None:
        while (job := self._queue.get()) is not None:
            job.run()
            self._done += 1
            del job  # results and tracebacks shall not live until the next job comes


class _Job:
    __slots__ = ("always", "args", "future", "loop", "work")

    def __init__(self, work: Callable[..., Any], args: tuple[Any, ...], always: bool) -> None:
        self.work, self.args, self.always = work, args, always
        self.loop = asyncio.get_running_loop()
        self.future: asyncio.Future[Any] = self.loop.create_future()

    def run(self) -> None:
        if self.future.cancelled() and not self.always:
            return
        result, error = None, None
        try:
            result = self.work(*self.args)
        except BaseException as raised:
            error = raised
        with suppress(RuntimeError):  # the loop is closed: nobody waits any more
            self.loop.call_soon_threadsafe(self._tell, result, error)

    def _tell(self, result: Any, error: BaseException | None) -> None:
        if self.future.done():
            return
        if error is None:
            self.future.set_result(result)
        else:
            self.future.set_exception(error)
