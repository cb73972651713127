"""Cohorts of points: all that were earned in one month, and what finance says of them at an instant."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal

from crmcore_loyalty.finance.shares import allocated, expected, recognised, whole

__all__ = ["Cohort", "Estimate", "Fact", "Position", "ages", "position", "summed"]


@dataclass(frozen=True, slots=True)
class Fact:
    """What was recorded on one day of the points earned in one month.

    Attributes:

        month: the month they were earned in, as in 2027-03.
        day: the day it was recorded on.
        outstanding: by how much what members hold of them changed.
        redeemed: what of them was redeemed, less what was undone.
        expired: what expired or lapsed.
        sold: how many were earned by orders, less what was undone.
        price: what was paid for those orders, less refunds; minor units.
    """

    month: str
    day: date
    outstanding: int = 0
    redeemed: int = 0
    expired: int = 0
    sold: int = 0
    price: int = 0


@dataclass(frozen=True, slots=True)
class Cohort:
    """The points of one month, added up."""

    month: str
    outstanding: int = 0
    redeemed: int = 0
    expired: int = 0
    sold: int = 0
    price: int = 0

    @property
    def earned(self) -> int:
        """All that were earned, less what was undone."""
        return self.outstanding + self.redeemed + self.expired

    def plus(self, fact: Fact) -> Cohort:
        """Return it with what was recorded on one more day."""
        return replace(
            self,
            outstanding=self.outstanding + fact.outstanding,
            redeemed=self.redeemed + fact.redeemed,
            expired=self.expired + fact.expired,
            sold=self.sold + fact.sold,
            price=self.price + fact.price,
        )


@dataclass(frozen=True, slots=True)
class Estimate:
    """A version of the estimate of breakage.

    Attributes:

        number: the version; 0 where there is none, and all points are expected to be redeemed.
        valid_from: from when on it holds.
        rate: share of points that is redeemed in the end.
        curve: share of that which is redeemed by the end of each month after earning; empty without a curve.
    """

    number: int
    valid_from: datetime | None
    rate: Decimal
    curve: tuple[Decimal, ...] = ()

    def spent_by(self, age: int) -> Decimal | None:
        """Return the share that is redeemed at an age in months, None without a curve."""
        return self.curve[min(age, len(self.curve) - 1)] if self.curve else None


@dataclass(frozen=True, slots=True)
class Position:
    """What finance says of a cohort; amounts in minor units.

    Attributes:

        expected: how many of its points will have been redeemed in the end.
        allocated: the part of the price that belongs to them.
        released: how much of that is revenue by now.
        provision: what points that were given without a sale are still expected to cost.
    """

    cohort: Cohort
    expected: int
    allocated: int
    released: int
    provision: int

    @property
    def liability(self) -> int:
        """What is still owed of what was allocated."""
        return self.allocated - self.released


def summed(facts: Iterable[Fact]) -> dict[str, Cohort]:
    """Return the cohorts by month, in order."""
    found: dict[str, Cohort] = {}
    for fact in facts:
        found[fact.month] = found.get(fact.month, Cohort(fact.month)).plus(fact)
    return dict(sorted(found.items()))


def position(cohort: Cohort, value: Decimal, age: int, now: Estimate, at_first: Estimate) -> Position:
    """Say what a cohort means to finance.

    Args:

        cohort: its points.
        value: what a point is worth when it is redeemed; minor units.
        age: whole months since the month it was earned in.
        now: the estimate that holds now; what is recognised goes by it, and catches up with it at once (IFRS 15.B46).
        at_first: the one that held when the cohort's month ended; prices are allocated by it once and for all (15.88).
    """
    final = expected(cohort.earned, cohort.redeemed, cohort.outstanding, now.rate, now.spent_by(age))
    part = allocated(cohort.price, max(cohort.sold, 0) * value * at_first.rate)
    kept, released = whole(part), whole(recognised(part, cohort.redeemed, final))
    given = max(cohort.earned - cohort.sold, 0)
    free = Decimal(given) / cohort.earned if cohort.earned > 0 else Decimal(0)
    provision = whole((final - cohort.redeemed) * value * free)
    return Position(cohort, whole(final), kept, min(released, kept), provision)


def ages(month: str, day: date) -> int:
    """Return how many months after the one it was earned in a day is."""
    year, number = month.split("-")
    return max((day.year - int(year)) * 12 + day.month - int(number), 0)
