"""A ladder of tiers as values: what the rules need, and nothing of the database."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from crmcore_loyalty.tables.tiers import LoyaltyTierDowngrade, LoyaltyTierMetric, LoyaltyTierPeriod
from crmcore_loyalty.tiers.periods import Periods

__all__ = ["Ladder", "Rung", "ladder_of"]


@dataclass(frozen=True, slots=True)
class Rung:
    """One tier."""

    id: UUID
    rank: int
    code: str
    name: str
    threshold: int


@dataclass(frozen=True)
class Ladder:
    """A group of tiers.

    Attributes:

        rungs: from the lowest to the highest; a place on the ladder is a number of rungs, 0 is below the lowest.
        periods: over which time amounts are counted.
        keep: through how many further periods a tier lasts.
        order_trigger: for SPEND, from which status on orders count.
    """

    id: UUID
    program_id: UUID
    name: str
    metric: LoyaltyTierMetric
    currency_id: UUID | None
    money: str | None
    counts_before: bool
    activity: str | None
    periods: Periods
    keep: int
    grace_days: int
    downgrade: LoyaltyTierDowngrade
    warn_days: int
    order_trigger: str
    rungs: tuple[Rung, ...]

    def place(self, amount: int) -> int:
        """Return how many rungs an amount is enough for."""
        return bisect_right(self._thresholds, amount)

    def place_of(self, tier_id: UUID | None) -> int:
        """Return a tier's place; 0 if it is none of these."""
        return self._places.get(tier_id, 0)

    def rung(self, place: int) -> Rung | None:
        """Return the tier at a place, None at 0 and above the highest."""
        return self.rungs[place - 1] if 0 < place <= len(self.rungs) else None

    def tier_id(self, place: int) -> UUID | None:
        """Return the id of the tier at a place."""
        rung = self.rung(place)
        return rung.id if rung else None

    def with_rungs(self, rungs: Iterable[Rung]) -> Ladder:
        """Return the ladder with other tiers, for trying them out."""
        return replace(self, rungs=tuple(sorted(rungs, key=lambda rung: rung.rank)))

    @cached_property
    def _thresholds(self) -> list[int]:
        return [rung.threshold for rung in self.rungs]

    @cached_property
    def _places(self) -> dict[UUID | None, int]:
        return {rung.id: place for place, rung in enumerate(self.rungs, 1)}


def ladder_of(
    group: Mapping[str, Any], tiers: Iterable[Mapping[str, Any]], timezone: str, order_trigger: str
) -> Ladder:
    """Make a ladder of the rows of a group and its tiers, in the program's time zone."""
    rungs = [Rung(t["id"], t["rank"], t["code"], t["name"], t["threshold"]) for t in tiers]
    period = LoyaltyTierPeriod[group["period"]]
    periodic = period in (LoyaltyTierPeriod.CALENDAR, LoyaltyTierPeriod.ANNIVERSARY)
    return Ladder(
        id=group["id"],
        program_id=group["program_id"],
        name=group["name"],
        metric=LoyaltyTierMetric[group["metric"]],
        currency_id=group["currency_id"],
        money=group["money"],
        counts_before=bool(group["counts_before"]),
        activity=group["activity"],
        periods=Periods(period, group["months"], group["start_month"], ZoneInfo(timezone)),
        keep=group["keep_periods"] if periodic else 0,
        grace_days=group["grace_days"],
        downgrade=LoyaltyTierDowngrade[group["downgrade"]],
        warn_days=group["warn_days"],
        order_trigger=order_trigger,
        rungs=tuple(sorted(rungs, key=lambda rung: rung.rank)),
    )
