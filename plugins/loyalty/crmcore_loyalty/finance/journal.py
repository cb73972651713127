"""Lines for the accounts, day by day: what came in, what was earned, what is set aside."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from crmcore_loyalty.finance.cohorts import Cohort, Estimate, Fact, Position, ages, position

__all__ = ["Accounts", "Line", "Rules", "journal", "positions_on"]

_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Accounts:
    """Which of our accounts the lines are for."""

    revenue: str
    liability: str
    expense: str
    provision: str


@dataclass(frozen=True, slots=True)
class Line:
    """One side of an entry; `debit` or `credit` is 0. Minor units."""

    day: date
    account: str
    debit: int
    credit: int
    text: str


@dataclass(frozen=True, slots=True)
class Rules:
    """What positions are computed by.

    Attributes:

        value: what a point is worth when it is redeemed; minor units.
        on: the estimate that holds at the end of a day.
        at_first: the one by which a month's prices are allocated, as known on a day.
    """

    value: Decimal
    on: Callable[[date], Estimate]
    at_first: Callable[[str, date], Estimate]

    def of(self, cohort: Cohort, day: date) -> Position:
        """Return a cohort's position at the end of a day."""
        estimate = self.on(day)
        return position(cohort, self.value, ages(cohort.month, day), estimate, self.at_first(cohort.month, day))


def positions_on(facts: Iterable[Fact], rules: Rules, day: date) -> list[Position]:
    """Return all positions at the end of a day."""
    cohorts: dict[str, Cohort] = {}
    for fact in facts:
        if fact.day <= day:
            cohorts[fact.month] = cohorts.get(fact.month, Cohort(fact.month)).plus(fact)
    return [rules.of(cohorts[month], day) for month in sorted(cohorts)]


def journal(facts: Iterable[Fact], rules: Rules, accounts: Accounts, first: date, until: date) -> Iterator[Line]:
    """Give the lines of each day from `first` to before `until`; debits and credits of a day are the same.

    Args:

        facts: all that was recorded before `until`, from the beginning on.
        rules: what positions are computed by.
        accounts: which accounts.
        first: the first day.
        until: the day after the last.
    """
    known = sorted(facts, key=lambda fact: fact.day)
    before = _totals(positions_on(known, rules, first - _DAY))
    day = first
    while day < until:
        after = _totals(positions_on(known, rules, day))
        allocated, released, provision = (b - a for a, b in zip(before, after, strict=True))
        yield from _entry(day, accounts.revenue, accounts.liability, allocated, "Price of points with sales")
        yield from _entry(
            day, accounts.liability, accounts.revenue, released, "Points redeemed, and changes of the estimate"
        )
        yield from _entry(day, accounts.expense, accounts.provision, provision, "Points given without a sale")
        before, day = after, day + _DAY


def _totals(positions: Iterable[Position]) -> tuple[int, int, int]:
    found = list(positions)
    return sum(p.allocated for p in found), sum(p.released for p in found), sum(p.provision for p in found)


def _entry(day: date, debit: str, credit: str, amount: int, text: str) -> Iterator[Line]:
    if amount < 0:
        debit, credit, amount = credit, debit, -amount
    if amount:
        yield Line(day, debit, amount, 0, text)
        yield Line(day, credit, 0, amount, text)
