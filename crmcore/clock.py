"""The only source of the present time."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import partial

__all__ = ["at", "now"]


_source: Callable[[], datetime] = partial(datetime.now, UTC)


def now() -> datetime:
    """Return the present instant, aware, in UTC."""
    return _source()


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
