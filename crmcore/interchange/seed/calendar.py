"""When things happen: more on some weekdays, in some months and as the years go by, within hours people are awake."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from itertools import accumulate
from random import Random
from zoneinfo import ZoneInfo

__all__ = ["Calendar"]


class Calendar:
    """Draws instants between two days.

    Args:

        since: the first day.
        until: the day after the last.
        weekdays: how much happens, Monday first.
        months: how much happens, January first.
        hours: the first hour of the day and the one after the last.
        growth: how many times as much happens at the end as at the beginning.
    """

    def __init__(
        self,
        since: date,
        until: date,
        weekdays: Sequence[float],
        months: Sequence[float],
        hours: tuple[int, int],
        growth: float,
    ) -> None:
        self.since, self.until = since, until
        self._hours = hours
        count = (until - since).days
        days = (since + timedelta(days=n) for n in range(count))
        weights = (weekdays[d.weekday()] * months[d.month - 1] * growth ** (n / count) for n, d in enumerate(days))
        self._sums = [0.0, *accumulate(weights)]
        self._end = datetime.combine(until, time(), UTC)

    def moment(self, random: Random, zone: str, after: date | None = None, before: date | None = None) -> datetime:
        """Draw an instant, aware UTC, in the daylight of a time zone.

        Args:

            random: source of randomness.
            zone: IANA time zone of those it happens to.
            after: the first day it can be; without, the calendar's.
            before: the day after the last; without, the calendar's.
        """
        first = min(max(0, (after - self.since).days), len(self._sums) - 2) if after is not None else 0
        end = (
            min(max(first + 1, (before - self.since).days), len(self._sums) - 1)
            if before is not None
            else len(self._sums) - 1
        )
        drawn = random.uniform(self._sums[first], self._sums[end])
        day = self.since + timedelta(days=min(max(bisect_left(self._sums, drawn) - 1, first), end - 1))
        moment = at(random, day, zone, self._hours)
        # West of Greenwich the last day goes on when in UTC it is over.
        return moment if moment < self._end else moment - timedelta(days=1)


def at(random: Random, day: date, zone: str, hours: tuple[int, int]) -> datetime:
    """Draw an instant of a day, aware UTC, whole seconds."""
    seconds = random.randrange(hours[0] * 3600, hours[1] * 3600)
    local = datetime.combine(day, time(), _zone(zone)) + timedelta(seconds=seconds)
    return local.astimezone(UTC)


@cache
def _zone(name: str) -> ZoneInfo:
    return ZoneInfo(name)
