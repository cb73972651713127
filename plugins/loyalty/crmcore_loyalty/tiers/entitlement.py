"""What a member is entitled to at an instant by what counts alone, and for how long."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta

import msgspec

from crmcore_loyalty.tables.tiers import LoyaltyTierPeriod
from crmcore_loyalty.tiers.days import add_months
from crmcore_loyalty.tiers.ladder import Ladder
from crmcore_loyalty.tiers.periods import Window
from crmcore_loyalty.tiers.standing import History

__all__ = ["Entitlement", "Record"]


class Record(msgspec.Struct, frozen=True):
    """What counts of one member on one ladder."""

    ladder: Ladder
    joined_at: datetime
    history: History

    @property
    def joined(self) -> date:
        """The day of the member's enrolment, where periods go by it; any other day will do for the others."""
        periods = self.ladder.periods
        return periods.day(self.joined_at) if periods.kind is LoyaltyTierPeriod.ANNIVERSARY else date.min

    def at(self, at: datetime, known: datetime) -> Entitlement:
        """Return the entitlement at an instant, by what had happened before or at `known`."""
        periods = self.ladder.periods
        windows = periods.windows(self.joined, periods.day(at), self.ladder.keep)
        history = self.history
        if history and history[-1][0] > known:
            history = tuple(one for one in history if one[0] <= known)
        amounts = tuple([_sum(history, window) for window in windows])
        return Entitlement(self, history, at, windows[0], amounts, self.ladder.place(max(amounts)))


class Entitlement(msgspec.Struct, frozen=True):
    """What a member is entitled to at an instant.

    Attributes:

        record: what counts, with the ladder.
        history: what of it had happened.
        at: the instant.
        window: the present period.
        amounts: what counts in the present period and in those that still matter before it.
        place: how many rungs that is enough for.
    """

    record: Record
    history: History
    at: datetime
    window: Window
    amounts: tuple[int, ...]
    place: int

    def until(self, place: int) -> datetime | None:
        """Return to when a place that was reached lasts; None without end, or for 0."""
        rung = self.record.ladder.rung(place)
        kind = self.record.ladder.periods.kind
        if rung is None or kind is LoyaltyTierPeriod.EVER:
            return None
        if kind is LoyaltyTierPeriod.ROLLING:
            return self.falls_below(rung.threshold)[0]
        back = next(n for n, amount in enumerate(self.amounts) if self.record.ladder.place(amount) >= place)
        return self._end(self.record.ladder.keep - back)

    def falls_below(self, threshold: int) -> tuple[datetime | None, int]:
        """Return when the rolling window holds less than an amount if nothing more happens, and how much it holds then."""
        held = self.amounts[0]
        for leaves, amount in self.leaving():
            held -= amount
            if held < threshold:
                return leaves, held
        return None, held

    def leaving(self) -> Sequence[tuple[datetime, int]]:
        """Return when what is in the rolling window leaves it, and how much that is; the earliest first."""
        periods, by_day = self.record.ladder.periods, dict[datetime, int]()
        for at, amount in self.history:
            if self.window.has(at):
                gone = periods.midnight(periods.leaves(periods.day(at)))
                by_day[gone] = by_day.get(gone, 0) + amount
        return sorted(by_day.items())

    def landing(self) -> datetime | None:
        """Return to when a tier is kept into which a member comes down now."""
        if self.window.ends is not None:
            return self.window.ends
        periods = self.record.ladder.periods
        return periods.midnight(add_months(periods.day(self.at), periods.months))

    def after_days(self, days: int, since: datetime) -> datetime:
        """Return the instant so many days after another at which a day ends; that instant itself for 0."""
        periods = self.record.ladder.periods
        return periods.midnight(periods.day(since) + timedelta(days=days)) if days else since

    def before_days(self, days: int, until: datetime) -> datetime:
        """Return the beginning of the day so many days before an instant."""
        periods = self.record.ladder.periods
        return periods.midnight(periods.day(until) - timedelta(days=days))

    def _end(self, ahead: int) -> datetime | None:
        periods = self.record.ladder.periods
        window = periods.window(self.record.joined, periods.day(self.at), ahead)
        return window.ends if window else None


def _sum(history: History, window: Window) -> int:
    total, begins, ends = 0, window.begins, window.ends
    for at, amount in history:
        if (begins is None or at >= begins) and (ends is None or at < ends):
            total += amount
    return total
