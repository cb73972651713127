"""SQL functions that SQLite lacks and PostgreSQL has under other names; only queries use them, never the schema."""

from __future__ import annotations

import sqlite3
from datetime import datetime
from math import isfinite
from zoneinfo import ZoneInfo

from crmcore.database.sqlite import exact

__all__ = ["add_functions"]


def add_functions(raw: sqlite3.Connection) -> None:
    """Register them on a connection."""
    raw.create_function("crm_fold", 1, _fold, deterministic=True)
    raw.create_function("crm_float", 1, _float, deterministic=True)
    raw.create_function("crm_day", 2, _day, deterministic=True)
    exact.add_functions(raw)


def _fold(text: str | None) -> str | None:
    """Return a text for comparing without regard to case; SQLite's own `lower` and `like` know ASCII only."""
    return None if text is None else text.casefold()


def _float(number: float | None) -> str | None:
    """Return a number's shortest exact digits as JSON has them; SQLite before 3.43 prints fifteen."""
    return None if number is None or not isfinite(number) else repr(float(number))


def _day(instant: str | None, zone: str) -> str | None:
    """Return the calendar day of an instant in a time zone; SQLite knows none but UTC and the machine's."""
    if instant is None:
        return None
    try:
        return datetime.fromisoformat(instant).astimezone(ZoneInfo(zone)).date().isoformat()
    except OverflowError:
        # Hours before the first day that Python knows, or after the last one.
        return instant[:10]
