"""How much time the law gives for an answer, and how much more where that is justified."""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

__all__ = ["CLOCKS", "Clock", "due", "extended"]


@dataclass(frozen=True, slots=True)
class Clock:
    """The time one law gives.

    Attributes:

        months, days: to answer.
        more_months, more_days: on top, once, if the person is told why in time.
        article: where that stands.
    """

    months: int = 0
    days: int = 0
    more_months: int = 0
    more_days: int = 0
    article: str = ""

    @property
    def extends(self) -> bool:
        """Whether the time can be extended at all."""
        return bool(self.more_months or self.more_days)


#: By regime. PIPL says "promptly"; 15 days are what its guideline for apps says (GB/T 35273: 30 days at most).
CLOCKS: Mapping[str, Clock] = {
    "GDPR": Clock(months=1, more_months=2, article="GDPR art. 12(3)"),
    "CCPA": Clock(days=45, more_days=45, article="CCPA § 1798.130(a)(2)(A)"),
    "PIPL": Clock(days=15, article="PIPL art. 50"),
    "OTHER": Clock(days=15),
}


def due(regime: str, received: datetime, shorter: Mapping[str, int]) -> datetime:
    """Return until when a request must be answered.

    Args:

        regime: which law.
        received: when it was received.
        shorter: by regime, days that the house allows itself; more than the law gives do not count.
    """
    clock = CLOCKS[regime]
    latest = _later(received, clock.months, clock.days)
    own = shorter.get(regime)
    return latest if own is None else min(latest, received + timedelta(days=own))


def extended(regime: str, received: datetime) -> datetime:
    """Return until when it must be answered once the time was extended; counted from when it was received."""
    clock = CLOCKS[regime]
    return _later(received, clock.months + clock.more_months, clock.days + clock.more_days)


def _later(instant: datetime, months: int, days: int) -> datetime:
    # A month later is the same day of the next one, or its last day (Regulation 1182/71 art. 3).
    year, month = divmod(instant.year * 12 + instant.month - 1 + months, 12)
    day = min(instant.day, monthrange(year, month + 1)[1])
    return instant.replace(year=year, month=month + 1, day=day) + timedelta(days=days)
