"""What a currency's points mean to finance at an instant: put together from facts, estimates and the house's balances."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import msgspec

from crmcore import Database, errors
from crmcore_loyalty.finance.checkpoints import house_balances
from crmcore_loyalty.finance.cohorts import Cohort, Estimate, Fact, Position
from crmcore_loyalty.finance.journal import Rules, positions_on
from crmcore_loyalty.finance.reading import facts
from crmcore_loyalty.tiers.days import add_months, local_day, midnight

__all__ = ["Basis", "Report", "basis", "report"]

_DAY = timedelta(days=1)
#: Without an estimate all points are expected to be redeemed.
_CAUTIOUS = Estimate(0, None, Decimal(1))


@dataclass(frozen=True, slots=True)
class Basis:
    """What figures of a currency are computed from.

    Attributes:

        money: the currency of amounts, None if points have no value.
        facts: all that was recorded before the instant.
        rules: value and estimates.
    """

    currency_id: UUID
    money: str | None
    zone: ZoneInfo
    facts: Sequence[Fact]
    rules: Rules


@dataclass(frozen=True, slots=True)
class Report:
    """What a currency's points mean to finance.

    Attributes:

        estimate: the version of the estimate of breakage that holds.
        positions: by cohort.
        outstanding: what members hold.
        net: the same less what members owe, which is what the trial balance has.
    """

    as_of: datetime
    money: str | None
    estimate: Estimate
    positions: Sequence[Position]
    outstanding: int
    net: int

    @property
    def totals(self) -> Position:
        """All cohorts together."""
        found = self.positions
        cohort = Cohort(
            "",
            sum(p.cohort.outstanding for p in found),
            sum(p.cohort.redeemed for p in found),
            sum(p.cohort.expired for p in found),
            sum(p.cohort.sold for p in found),
            sum(p.cohort.price for p in found),
        )
        sums = (sum(getattr(p, name) for p in found) for name in ("expected", "allocated", "released", "provision"))
        return Position(cohort, *sums)


async def basis(database: Database, currency_id: UUID, before: datetime) -> Basis:
    """Read what figures of a currency are computed from, as far as it was recorded before an instant."""
    rows = await database.fetch_dicts(
        "select c.point_cost, c.money, p.timezone from loyalty_currency c join loyalty_program p on p.id = c.program_id "
        "where c.id = $1",
        currency_id,
    )
    if not rows:
        msg = "There is no such currency of points."
        raise errors.NotFound(msg)
    (row,) = rows
    zone = ZoneInfo(row["timezone"])
    money = row["money"] if row["point_cost"] is not None else None
    estimates = [
        _estimate(found)
        for found in await database.fetch_dicts(
            "select * from loyalty_breakage where currency_id = $1 order by valid_from, number", currency_id
        )
    ]
    rules = _rules(Decimal(row["point_cost"] or 0) / 1000, estimates, zone)
    return Basis(currency_id, money, zone, await facts(database, currency_id, money, zone, before), rules)


async def report(database: Database, currency_id: UUID, as_of: datetime) -> Report:
    """Return what a currency's points mean to finance at an instant, by what was recorded before it."""
    found = await basis(database, currency_id, as_of)
    day = local_day(as_of - timedelta(microseconds=1), found.zone)
    positions = positions_on(found.facts, found.rules, day)
    balances = await house_balances(database, currency_id, as_of)
    outstanding = sum(p.cohort.outstanding for p in positions)
    return Report(as_of, found.money, found.rules.on(day), positions, outstanding, -sum(balances.values()))


def _rules(value: Decimal, estimates: Sequence[Estimate], zone: ZoneInfo) -> Rules:
    def on(day: date) -> Estimate:
        end = midnight(day + _DAY, zone)
        held = [e for e in estimates if e.valid_from is not None and e.valid_from < end]
        return held[-1] if held else _CAUTIOUS

    def at_first(month: str, day: date) -> Estimate:
        year, number = month.split("-")
        last = add_months(date(int(year), int(number), 1), 1) - _DAY
        return on(min(last, day))

    return Rules(value, on, at_first)


def _estimate(row: Mapping[str, Any]) -> Estimate:
    curve = row["curve"]
    return Estimate(
        row["number"], row["valid_from"], Decimal(row["redemption"]), tuple(Decimal(share) for share in _list(curve))
    )


def _list(curve: Any) -> list[str]:
    if isinstance(curve, str):
        # The driver gives JSON as text.
        curve = msgspec.json.decode(curve)
    return curve or []
