"""Whose doing is it? The innermost call of a plugin's package or of crmcore decides, through tasks and threads."""

from __future__ import annotations

import asyncio
import sys
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from contextvars import Context, ContextVar, copy_context
from pathlib import Path
from types import FrameType
from typing import Any, NamedTuple
from unittest.mock import patch

import crmcore

__all__ = ["Deed", "Whose"]

_CORE = str(Path(crmcore.__file__).parent) + "/"
#: What reads the environment for those who asked `os` to.
_BETWEEN = ("os", "collections.abc")


class Deed(NamedTuple):
    """A call that a plugin's code has made.

    Attributes:

        where: file, from the package's name on, and line.
        in_transaction: whether a transaction of the CRM was open.
    """

    where: str
    in_transaction: bool


#: What the task at hand was begun by, None if by nobody who is watched.
_BEGUN_BY: ContextVar[Deed | None] = ContextVar("crm_begun_by", default=None)


class _Thread(threading.local):
    begun_by: Deed | None = None


#: The same of the thread: what runs in it may bring along a context of its own.
_THREAD = _Thread()


class Whose:
    """Tells the doings of one package from those of others.

    Args:

        package: its folder, or the file of a single module; tests in it are nobody's doing.
    """

    def __init__(self, package: Path) -> None:
        # The place that messages begin with is its own name: `crmcore_visits/actions.py`.
        self._roots = tuple({f"{place.parent}/": None for place in (package.absolute(), package.resolve())})
        self._inside = f"{package.name}/" if package.is_dir() else package.name

    def doing(self, frame: FrameType | None) -> Deed | None:
        """Return what the package did to bring a frame about; None if it, or crmcore for it, did nothing."""
        while frame is not None:
            if (where := self._place(frame)) is not None:
                return Deed(where, _in_transaction())
            if frame.f_code.co_filename.startswith(_CORE) and not _is_watching(frame):
                return None
            frame = frame.f_back
        return _BEGUN_BY.get() or _THREAD.begun_by

    def caller(self, frame: FrameType | None) -> Deed | None:
        """Return what the package did if it called by itself, not through another library."""
        while frame is not None and frame.f_globals.get("__name__") in (*_BETWEEN, *_OURS):
            frame = frame.f_back
        where = None if frame is None else self._place(frame)
        return None if where is None else Deed(where, _in_transaction())

    @contextmanager
    def followed(self) -> Iterator[None]:
        """Follow what is begun in the block into tasks and threads."""
        loop, pool, thread = asyncio.BaseEventLoop, ThreadPoolExecutor, threading.Thread
        with (
            patch.object(loop, "create_task", self._task(loop.create_task)),
            patch.object(pool, "submit", self._submit(pool.submit)),
            patch.object(thread, "start", self._start(thread.start)),
        ):
            yield

    def _task(self, create: Callable[..., Any]) -> Callable[..., Any]:
        def create_task(loop: Any, coroutine: Any, *, context: Context | None = None, **options: Any) -> Any:
            context = copy_context() if context is None else context
            context.run(_BEGUN_BY.set, self.doing(sys._getframe(1)))
            return create(loop, coroutine, context=context, **options)

        return create_task

    def _submit(self, submit: Callable[..., Any]) -> Callable[..., Any]:
        def begin(pool: Any, function: Any, /, *args: Any, **kwargs: Any) -> Any:
            return submit(pool, _as_of(self.doing(sys._getframe(1)), function), *args, **kwargs)

        return begin

    def _start(self, start: Callable[..., Any]) -> Callable[..., Any]:
        def begin(thread: Any) -> None:
            thread.run = _as_of(self.doing(sys._getframe(1)), thread.run)
            start(thread)

        return begin

    def _place(self, frame: FrameType) -> str | None:
        file = frame.f_code.co_filename
        inner = next((file[len(root) :] for root in self._roots if file.startswith(root + self._inside)), None)
        if inner is None or "/tests/" in inner or Path(inner).name.startswith(("test_", "conftest")):
            return None
        return f"{inner}:{frame.f_lineno}"


_OURS = ("crmcore.testing.whose", "crmcore.testing.watching")


def _is_watching(frame: FrameType) -> bool:
    return frame.f_globals.get("__name__") in _OURS


def _as_of(deed: Deed | None, function: Callable[..., Any]) -> Callable[..., Any]:
    def run(*args: Any, **kwargs: Any) -> Any:
        before, _THREAD.begun_by = _THREAD.begun_by, deed
        try:
            return function(*args, **kwargs)
        finally:
            _THREAD.begun_by = before

    return run


def _in_transaction() -> bool:
    # Every `Database` has a variable of this name; the core is not imported for the sake of it.
    found = (value for variable, value in copy_context().items() if variable.name == "crm_transaction")
    return any(value is not None and not value.over for value in found)
