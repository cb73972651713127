"""Invent deals that go through the pipeline stage by stage, some to be won, some to be lost, some still on their way."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import log
from random import Random
from typing import Any
from uuid import UUID

from crmcore.database.money import digits
from crmcore.interchange.seed.scenarios import Scenario, StageSpec
from crmcore.interchange.seed.seeding import Seeding
from crmcore.interchange.seed.setup import Setup
from crmcore.interchange.seed.team import Seller
from crmcore.pipelines.actions import rank
from crmcore.pipelines.actions.worth import converted

__all__ = ["RATES", "MadeDeal", "make_deal"]

#: Euros for one unit, rounded; good enough for an invented world.
RATES: Mapping[str, float] = {
    "EUR": 1.0, "USD": 0.9, "GBP": 1.2, "MXN": 0.05, "BRL": 0.17, "CNY": 0.13, "JPY": 0.006, "KRW": 0.0007, "AED": 0.25, "INR": 0.01,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class MadeDeal:
    """A deal that was made.

    Attributes:

        since: when it began.
        until: when it was won or lost; None while it is open.
        won: whether it was won.
    """

    id: UUID
    since: datetime
    until: datetime | None
    won: bool


@dataclass(frozen=True, slots=True)
class _Stay:
    spec: StageSpec
    stage_id: UUID
    entered_at: datetime


def make_deal(
    seeding: Seeding, scenario: Scenario, setup: Setup, seller: Seller, buyer: Mapping[str, Any], since: datetime
) -> MadeDeal:
    """Add a deal with its history.

    Args:

        seeding: the run.
        scenario: how deals go.
        setup: the pipeline.
        seller: who owns it.
        buyer: the customer's columns.
        since: when it begins.
    """
    random = seeding.random
    stays = _way(random, setup, since, seeding.now)
    last = stays[-1]
    offer, currency = random.choice(scenario.offers), buyer["currency"]
    amount = _amount(random, scenario.amount, currency)
    closed = last.entered_at if last.spec.kind != "OPEN" else None
    rate = None if currency == setup.currency else RATES[currency]
    setup.ranks[last.stage_id] = rank.above(setup.ranks[last.stage_id])
    money = {"amount": amount, "amount_currency": currency}
    values = {
        "name": f"{offer} for {buyer['display_name']}"[:255],
        "customer_id": buyer["id"],
        "pipeline_id": setup.pipeline_id,
        "stage_id": last.stage_id,
        "status": last.spec.kind,
        "stage_entered_at": last.entered_at,
        "rank": setup.ranks[last.stage_id],
        **money,
        "fx_rate": rate,
        "base_amount": converted(amount, currency, setup.currency, rate),
        "base_amount_currency": setup.currency,
        "probability": last.spec.probability,
        "closed_at": closed,
        "lost_reason_id": random.choice(setup.lost_reasons) if last.spec.kind == "LOST" else None,
        "expected_close_date": (since + timedelta(days=random.randint(30, 120))).date(),
        "source": buyer["source"],
        "owner_id": seller.user_id,
        "team_id": seller.team_id,
        "updated_at": last.entered_at,
        "version": len(stays),
    }
    deal = seeding.add("deal", values, since)
    _history(seeding, deal, stays, money)
    return MadeDeal(deal, since, closed, last.spec.kind == "WON")


def _way(random: Random, setup: Setup, since: datetime, now: datetime) -> list[_Stay]:
    stays, at = [], since
    for spec, stage_id in setup.stages:
        stays.append(_Stay(spec, stage_id, at))
        at += timedelta(seconds=int(random.lognormvariate(log(spec.days), 0.7) * 86_400) + 600)
        if at >= now:
            return stays
        if random.random() > spec.onward:
            return [*stays, _Stay(*setup.ends["LOST"], at)]
    return [*stays, _Stay(*setup.ends["WON"], at)]


def _history(seeding: Seeding, deal: UUID, stays: list[_Stay], money: Mapping[str, Any]) -> None:
    for n, stay in enumerate(stays):
        left = stays[n + 1].entered_at if n + 1 < len(stays) else None
        values = {
            "deal_id": deal,
            "from_stage_id": stays[n - 1].stage_id if n else None,
            "to_stage_id": stay.stage_id,
            "entered_at": stay.entered_at,
            "left_at": left,
            "duration_seconds": None if left is None else int((left - stay.entered_at).total_seconds()),
            "probability_at": stay.spec.probability,
            "amount_at": money["amount"],
            "amount_at_currency": money["amount_currency"],
            "version": 1 if left is None else 2,
        }
        seeding.add("deal_stage_change", values, stay.entered_at)


def _amount(random: Random, median: float, currency: str) -> int:
    worth = random.lognormvariate(log(median / RATES[currency]), 0.8)
    step = int(f"1{'0' * max(0, len(str(int(worth))) - 2)}")
    return max(1, round(worth / step)) * step * int(f"1{'0' * digits(currency)}")
