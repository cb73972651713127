"""Days on the calendar of a time zone."""

from __future__ import annotations

from calendar import monthrange
from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

__all__ = ["add_months", "local_day", "midnight"]


def add_months(day: date, months: int) -> date:
    """Return the same day so many months on, or the last of that month where it has no such day."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def local_day(instant: datetime, zone: ZoneInfo) -> date:
    """Return the day that an instant belongs to."""
    return instant.astimezone(zone).date()


def midnight(day: date, zone: ZoneInfo) -> datetime:
    """Return the first instant of a day, UTC; where clocks skip midnight, the instant at which they do."""
    return datetime.combine(day, time.min, zone).astimezone(UTC)
