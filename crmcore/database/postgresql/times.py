"""Instants and dates as PostgreSQL counts them: asyncpg writes the first and the last of Python's as infinity."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

__all__ = ["TIMES"]

_FIRST_DAY = date(2000, 1, 1).toordinal()
_FIRST = datetime(2000, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


def _day(value: date) -> tuple[int]:
    return (value.toordinal() - _FIRST_DAY,)


def _date(days: tuple[int]) -> date:
    return date.fromordinal(days[0] + _FIRST_DAY)


def _microsecond(value: datetime) -> tuple[int]:
    return ((value - _FIRST) // _MICROSECOND,)


def _instant(microseconds: tuple[int]) -> datetime:
    return _FIRST + timedelta(microseconds=microseconds[0])


#: By name of the type: what writes and what reads the only number of asyncpg's tuple.
TIMES: dict[str, tuple[Callable[[Any], tuple[int]], Callable[[tuple[int]], Any]]] = {
    "date": (_day, _date),
    "timestamptz": (_microsecond, _instant),
}
