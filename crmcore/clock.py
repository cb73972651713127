"""The only source of the present time."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import partial
from time import time_ns

__all__ = ["at", "milliseconds", "now"]


_SYSTEM: Callable[[], datetime] = partial(datetime.now, UTC)
_source = _SYSTEM


def now() -> datetime:
    """Return the present instant, aware, in UTC."""
    return _source()


def milliseconds() -> int:
    """Return the whole milliseconds from 1970 to the present instant."""
    return time_ns() // 1_000_000 if _source is _SYSTEM else int(_source().timestamp() * 1000)


@contextmanager
def at(source: Callable[[], datetime]) -> Iterator[None]:
    """Take the time from `source` while the block runs; for tests and for replaying history.

    Raises:

        ValueError: the source gives a naive instant.
    """
    global _source
    if source().tzinfo is None:
        msg = "The clock needs aware instants; add tzinfo=UTC."
        raise ValueError(msg)
    before, _source = _source, source
    try:
        yield
    finally:
        _source = before
