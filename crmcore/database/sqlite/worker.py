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
            self._done += 1  # before anybody is told, or they would find the worker busy
            job.tell()
            del job  # results and tracebacks shall not live until the next job comes


class _Job:
    __slots__ = ("always", "args", "error", "future", "loop", "result", "work")

    def __init__(self, work: Callable[..., Any], args: tuple[Any, ...], always: bool) -> None:
        self.work, self.args, self.always = work, args, always
        self.loop = asyncio.get_running_loop()
        self.future: asyncio.Future[Any] = self.loop.create_future()
        self.result: Any = None
        self.error: BaseException | None = None

    def run(self) -> None:
        if self.future.cancelled() and not self.always:
            return
        try:
            self.result = self.work(*self.args)
        except BaseException as error:
            self.error = error

    def tell(self) -> None:
        with suppress(RuntimeError):  # the loop is closed: nobody waits any more
            self.loop.call_soon_threadsafe(self._settle)

    def _settle(self) -> None:
        if self.future.done():
            return
        if self.error is None:
            self.future.set_result(self.result)
        else:
            self.future.set_exception(self.error)
