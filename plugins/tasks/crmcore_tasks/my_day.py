"""What a person has to do today."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from crmcore import Actor, Listing, clock

__all__ = ["MY_DAY", "end_of_day"]


def end_of_day(now: datetime, timezone: str) -> datetime:
    """Return the first instant of tomorrow, by the clock on the wall of `timezone`."""
    zone = ZoneInfo(timezone)
    tomorrow = now.astimezone(zone).date() + timedelta(days=1)
    return datetime.combine(tomorrow, time.min, zone).astimezone(UTC)


def _where(task: str, bind: Callable[[Callable[[Actor], Any]], str]) -> str:
    me = bind(lambda actor: actor.user_id)
    end = bind(lambda actor: end_of_day(clock.now(), actor.timezone or "UTC"))
    return f"{task}.assignee_id = {me} and {task}.status = 'OPEN' and {task}.due_at < {end}"


#: The query `tasksMyDay`.
MY_DAY = Listing(
    "tasksMyDay",
    "task",
    "Your open to-dos that are due by the end of today in your time zone, overdue ones included.",
    _where,
    since="0.1.0",
)
