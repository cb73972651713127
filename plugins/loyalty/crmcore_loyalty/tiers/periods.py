"""Over which time a ladder of tiers counts: whole days of the program's time zone, daylight saving or not."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import msgspec

from crmcore_loyalty.tables.tiers import LoyaltyTierPeriod
from crmcore_loyalty.tiers.days import add_months, local_day, midnight

__all__ = ["ALWAYS", "Periods", "Window"]

_DAY = timedelta(days=1)
#: So many instants' days are remembered.
_REMEMBERED = 4096


class Window(msgspec.Struct, frozen=True, gc=False):
    """From the first instant that counts to the first that does not; None is without end."""

    begins: datetime | None
    ends: datetime | None

    def has(self, at: datetime) -> bool:
        """Say whether an instant lies in it."""
        return (self.begins is None or at >= self.begins) and (self.ends is None or at < self.ends)


#: All time.
ALWAYS = Window(None, None)


class Periods:
    """The periods of one ladder. Windows are remembered, since thousands of members share them."""

    def __init__(self, kind: LoyaltyTierPeriod, months: int, start_month: int, zone: ZoneInfo) -> None:
        self.kind, self.months, self.start_month, self.zone = kind, months, start_month, zone
        self._windows: dict[tuple[date, int], Window] = {}
        self._several: dict[tuple[date, int], tuple[Window, ...]] = {}
        self._midnights: dict[date, datetime] = {}
        self._days: dict[datetime, date] = {}

    def day(self, instant: datetime) -> date:
        """Return the day an instant belongs to."""
        # Thousands of members are looked at at one instant, and their periods end at the same ones.
        day = self._days.get(instant)
        if day is None:
            if len(self._days) >= _REMEMBERED:
                self._days.clear()
            day = self._days[instant] = local_day(instant, self.zone)
        return day

    def midnight(self, day: date) -> datetime:
        """Return the first instant of a day."""
        if day not in self._midnights:
            self._midnights[day] = midnight(day, self.zone)
        return self._midnights[day]

    def window(self, joined: date, today: date, ahead: int = 0) -> Window | None:
        """Return the period that a day lies in, or one so many later; None before the member joined.

        Args:

            joined: the day of the member's enrolment.
            today: the day.
            ahead: 0 for its own period, 1 for the next, -1 for the last.
        """
        if self.kind is LoyaltyTierPeriod.EVER:
            return ALWAYS if ahead == 0 else None
        if self.kind is LoyaltyTierPeriod.ANNIVERSARY:
            return self._anniversary(joined, today, ahead)
        key = today, ahead
        if key not in self._windows:
            self._windows[key] = self._common(today, ahead)
        return self._windows[key]

    def windows(self, joined: date, today: date, back: int) -> tuple[Window, ...]:
        """Return the period that a day lies in and so many before it, as far as there are; for the rest see `window`."""
        if self.kind is LoyaltyTierPeriod.ANNIVERSARY:
            return self._before(joined, today, back)
        found = self._several.get((today, back))
        if found is None:
            found = self._several[today, back] = self._before(joined, today, back)
        return found

    def _before(self, joined: date, today: date, back: int) -> tuple[Window, ...]:
        found = (self.window(joined, today, -n) for n in range(back + 1))
        return tuple(window for window in found if window is not None)

    def leaves(self, day: date) -> date:
        """Return the first day on which the rolling window does not reach back to a day any more."""
        gone = add_months(day, self.months)
        while add_months(gone, -self.months) < day:
            gone += _DAY
        return gone

    def _common(self, today: date, ahead: int) -> Window:
        if self.kind is LoyaltyTierPeriod.ROLLING:
            return Window(self.midnight(add_months(today, -self.months) + _DAY), None)
        first = self.start_month - 1
        number = (today.year * 12 + today.month - 1 - first) // self.months + ahead
        begins, ends = (_month(n * self.months + first) for n in (number, number + 1))
        return Window(self.midnight(begins), self.midnight(ends))

    def _anniversary(self, joined: date, today: date, ahead: int) -> Window | None:
        # Counted from the first day each time: who joined on 29 February has it back in every leap year.
        number = ((today.year - joined.year) * 12 + today.month - joined.month) // self.months
        while add_months(joined, number * self.months) > today:
            number -= 1
        number = max(number, 0) + ahead
        if number < 0:
            return None
        begins, ends = (add_months(joined, n * self.months) for n in (number, number + 1))
        return Window(self.midnight(begins), self.midnight(ends))


def _month(number: int) -> date:
    return date(number // 12, number % 12 + 1, 1)
