"""Estimates of breakage: given by somebody who knows, or observed by the chain ladder. Each is a version; none is ever changed."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from decimal import Decimal
from typing import Annotated
from uuid import UUID

from crmcore import Ref, Row, Work, action, errors, ids
from crmcore_loyalty.finance.chain_ladder import chain_ladder
from crmcore_loyalty.finance.cohorts import Fact, ages, summed
from crmcore_loyalty.finance.liability import basis
from crmcore_loyalty.finance.permissions import ESTIMATE
from crmcore_loyalty.tiers.days import add_months, local_day

__all__ = ["loyalty_observe_breakage", "loyalty_set_breakage", "triangle"]

_DIGITS = Decimal("0.000001")
#: With fewer cohorts there is nothing to go by.
_COHORTS = 3


@action(returns="loyalty_breakage", permission=ESTIMATE, since="0.1.0")
async def loyalty_set_breakage(
    work: Work,
    currency_id: Annotated[UUID, Ref("loyalty_currency"), "Of which currency."],
    redemption: Annotated[Decimal, "Share of the points earned that will ever be redeemed, from 0 to 1."],
    reason: Annotated[str, "Where it comes from."],
    curve: Annotated[
        list[Decimal], "Share of that which is redeemed by the end of each month after earning, rising to 1."
    ] = [],  # noqa: B006
    valid_from: Annotated[
        datetime | None, "From when on it holds; now if you do not say. Only the first version may hold for the past."
    ] = None,
) -> Row:
    """Say how many points will ever be redeemed; what is recognised catches up with it on the day from which it holds."""
    if not 0 <= redemption <= 1:
        raise errors.Invalid.at(
            "redemption", "OUT_OF_RANGE", "A share is from 0 to 1; 0.95 says that 5 % will never come."
        )
    if any(not 0 <= share <= 1 for share in curve) or list(curve) != sorted(curve):
        raise errors.Invalid.at(
            "curve", "OUT_OF_ORDER", "The shares of a curve rise from month to month, and end at 1 or before."
        )
    return await _add(work, currency_id, "GIVEN", redemption, curve, reason, valid_from)


@action(returns="loyalty_breakage", permission=ESTIMATE, since="0.1.0")
async def loyalty_observe_breakage(
    work: Work,
    currency_id: Annotated[UUID, Ref("loyalty_currency"), "Of which currency."],
) -> Row:
    """Estimate from what earlier months' points have come to how many will ever be redeemed, by the chain ladder."""
    found = await basis(work.database, currency_id, work.now)
    rows, earned = triangle(found.facts, local_day(work.now, found.zone))
    if len(rows) < _COHORTS or not sum(earned):
        message = f"{_COHORTS} whole months of earning are needed; there are {len(rows)}. Give an estimate by hand."
        raise errors.Invalid.at("currencyId", "TOO_FEW_COHORTS", message)
    done = chain_ladder(rows)
    rate = min(sum(done.ultimates, Decimal(0)) / sum(earned), Decimal(1))
    reason = f"Chain ladder of {len(rows)} months up to {found.zone.key} {local_day(work.now, found.zone)}."
    return await _add(work, currency_id, "OBSERVED", rate, list(done.curve), reason, None)


def triangle(facts: Iterable[Fact], today: date) -> tuple[list[list[int]], list[int]]:
    """Return what each month's points have come to by each age, in whole months before today's, and how many they were."""
    this = today.replace(day=1)
    whole = [fact for fact in facts if fact.day < this]
    cohorts = summed(whole)
    rows, earned = [], []
    for month, cohort in cohorts.items():
        redeemed = [0] * (ages(month, add_months(this, -1)) + 1)
        for fact in (f for f in whole if f.month == month):
            redeemed[ages(month, fact.day)] += fact.redeemed
        rows.append([sum(redeemed[: age + 1]) for age in range(len(redeemed))])
        earned.append(cohort.earned)
    return rows, earned


async def _add(
    work: Work,
    currency_id: UUID,
    origin: str,
    rate: Decimal,
    curve: list[Decimal],
    reason: str,
    valid_from: datetime | None,
) -> Row:
    await work.get("loyalty_currency", currency_id)
    if not reason.strip() or len(reason) > 500:
        raise errors.Invalid.at("reason", "REQUIRED", "Say where it comes from, in at most 500 characters.")
    known = await work.rows(
        "select number, valid_from from loyalty_breakage where currency_id = $1 order by number desc limit 1",
        currency_id,
    )
    starts = valid_from or work.now
    if known and starts < max(work.now, known[0]["valid_from"]):
        message = (
            "It would change figures that were reported; it may hold from now on, and from when the last version does."
        )
        raise errors.Invalid.at("validFrom", "IN_THE_PAST", message)
    return await work.insert(
        "loyalty_breakage",
        {
            "id": ids.new(),
            "currency_id": currency_id,
            "number": known[0]["number"] + 1 if known else 1,
            "valid_from": starts,
            "basis": origin,
            "redemption": _text(rate),
            "curve": [_text(share) for share in curve],
            "reason": reason.strip(),
            "made_at": work.now,
            "made_by": work.actor.stamp,
        },
    )


def _text(share: Decimal) -> str:
    return f"{share.quantize(_DIGITS).normalize():f}"
