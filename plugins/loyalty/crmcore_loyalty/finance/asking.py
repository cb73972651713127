"""The reports of finance in the API."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Annotated, Any
from uuid import UUID

import strawberry

from crmcore import BigInt, Crm, Money, Work, errors, ids
from crmcore_loyalty.finance.accounts import lines_of
from crmcore_loyalty.finance.cohorts import Position
from crmcore_loyalty.finance.journal import Line
from crmcore_loyalty.finance.liability import Report, report
from crmcore_loyalty.finance.permissions import REPORT

__all__ = ["loyalty_journal", "loyalty_liability"]

_CURRENCY = Annotated[strawberry.ID, strawberry.argument(description="Which currency of points.")]
_LONGEST = timedelta(days=400)


@strawberry.type(description="What the points earned in one month mean to finance.")
class LoyaltyLiabilityCohort:
    month: str = strawberry.field(
        description="The month in which they were earned, as in `2027-03`; empty for all together."
    )
    earned: BigInt = strawberry.field(description="How many, less what was undone.")
    redeemed: BigInt = strawberry.field(description="How many of them were redeemed.")
    expired: BigInt = strawberry.field(description="How many of them expired or lapsed.")
    outstanding: BigInt = strawberry.field(description="How many of them members hold.")
    expected: BigInt = strawberry.field(
        description="How many of them will have been redeemed in the end, by the estimate."
    )
    breakage: BigInt = strawberry.field(description="How many of them never will.")
    price: Money | None = strawberry.field(
        description="What was paid for the orders that earned points, taxes and refunds left out."
    )
    allocated: Money | None = strawberry.field(description="The part of it that belongs to the points.")
    released: Money | None = strawberry.field(description="How much of that is revenue by now.")
    liability: Money | None = strawberry.field(description="How much of it is still owed: the contract liability.")
    provision: Money | None = strawberry.field(
        description="What points given without a sale are still expected to cost."
    )


@strawberry.type(description="What a currency's points mean to finance at an instant.")
class LoyaltyLiabilityReport:
    as_of: datetime = strawberry.field(description="By what was recorded before this instant.")
    estimate: int = strawberry.field(
        description="The version of the estimate of breakage that holds; 0 if there is none."
    )
    redemption: str = strawberry.field(description="The share of points that will ever be redeemed by it.")
    outstanding: BigInt = strawberry.field(description="What members hold in all: to spend, pending and set aside.")
    owed: BigInt = strawberry.field(description="What members owe because clawing back took more than they had.")
    net: BigInt = strawberry.field(description="The one less the other; the trial balance has the same.")
    total: LoyaltyLiabilityCohort = strawberry.field(description="All months together.")
    cohorts: list[LoyaltyLiabilityCohort] = strawberry.field(description="Month by month, the earliest first.")


@strawberry.type(description="One side of an entry for the accounts.")
class LoyaltyJournalLine:
    day: date = strawberry.field(description="The day, in the program's time zone.")
    account: str = strawberry.field(description="Our account, by its number or name in the settings.")
    debit: Money | None = strawberry.field(description="What it is debited with.")
    credit: Money | None = strawberry.field(description="What it is credited with.")
    text: str = strawberry.field(description="What for.")


async def _liability(
    info: strawberry.Info[Any, None],
    currency_id: _CURRENCY,
    as_of: Annotated[
        datetime | None, strawberry.argument(description="By what was recorded before it; now if null.")
    ] = None,
) -> LoyaltyLiabilityReport:
    crm: Crm = info.context.crm

    async def unit(work: Work) -> LoyaltyLiabilityReport:
        found = await report(work.database, await _allowed(work, currency_id), as_of or work.now)
        return _shown(found)

    return await crm.run(info.context.actor, unit)


async def _journal(
    info: strawberry.Info[Any, None],
    currency_id: _CURRENCY,
    since: Annotated[date, strawberry.argument(description="The first day.")],
    until: Annotated[date, strawberry.argument(description="The day after the last; at most 400 days later.")],
) -> list[LoyaltyJournalLine]:
    crm: Crm = info.context.crm
    if not since < until <= since + _LONGEST:
        raise errors.Invalid.at(
            "until", "OUT_OF_RANGE", "until is the day after the last, at most 400 days after since."
        )

    async def unit(work: Work) -> list[LoyaltyJournalLine]:
        money, lines = await lines_of(work.database, work.settings, await _allowed(work, currency_id), since, until)
        return [_line(line, money) for line in lines] if money else []

    return await crm.run(info.context.actor, unit)


async def _allowed(work: Work, currency_id: str) -> UUID:
    work.require(REPORT)
    row = await work.get("loyalty_currency", ids.parse(currency_id, "loyalty_currency"))
    found: UUID = row["id"]
    return found


def _shown(found: Report) -> LoyaltyLiabilityReport:
    return LoyaltyLiabilityReport(
        as_of=found.as_of,
        estimate=found.estimate.number,
        redemption=str(found.estimate.rate),
        outstanding=BigInt(found.outstanding),
        owed=BigInt(found.outstanding - found.net),
        net=BigInt(found.net),
        total=_cohort(found.totals, found.money),
        cohorts=[_cohort(position, found.money) for position in found.positions],
    )


def _cohort(position: Position, money: str | None) -> LoyaltyLiabilityCohort:
    cohort = position.cohort

    def amount(minor: int) -> Money | None:
        return Money(minor, money) if money else None

    return LoyaltyLiabilityCohort(
        month=cohort.month,
        earned=BigInt(cohort.earned),
        redeemed=BigInt(cohort.redeemed),
        expired=BigInt(cohort.expired),
        outstanding=BigInt(cohort.outstanding),
        expected=BigInt(position.expected),
        breakage=BigInt(cohort.earned - position.expected),
        price=amount(cohort.price),
        allocated=amount(position.allocated),
        released=amount(position.released),
        liability=amount(position.liability),
        provision=amount(position.provision),
    )


def _line(line: Line, money: str) -> LoyaltyJournalLine:
    return LoyaltyJournalLine(
        day=line.day,
        account=line.account,
        debit=Money(line.debit, money) if line.debit else None,
        credit=Money(line.credit, money) if line.credit else None,
        text=line.text,
    )


#: The query `loyaltyLiability`.
loyalty_liability: Any = strawberry.field(
    name="loyaltyLiability",
    resolver=_liability,
    description="What a currency's points mean to finance: outstanding, expected breakage, revenue deferred by IFRS 15.",
)

#: The query `loyaltyJournal`.
loyalty_journal: Any = strawberry.field(
    name="loyaltyJournal",
    resolver=_journal,
    description="Lines for the accounts, day by day: what points cost of sales, and what of it was earned.",
)
