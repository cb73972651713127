"""Instants as the table of jobs has them: microseconds since 1970, on both databases."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

__all__ = ["instant", "micros"]

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


def micros(at: datetime) -> int:
    """Return an aware instant in microseconds since 1970.

    Raises:

        TypeError: the instant is naive.
    """
    return (at - _EPOCH) // _MICROSECOND


def instant(count: int) -> datetime:
    """Return the aware UTC instant that many microseconds after 1970."""
    return _EPOCH + timedelta(microseconds=count)
