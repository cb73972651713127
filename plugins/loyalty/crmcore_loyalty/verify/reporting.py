"""`Query.loyaltyTrialBalance`: the balances of a currency by account."""

from __future__ import annotations

from typing import Annotated, Any
from uuid import UUID

import strawberry

from crmcore import BigInt, errors, extend
from crmcore_loyalty.verify.trial import trial_balance

__all__ = ["REPORT", "TRIAL_BALANCE"]

#: Who may see reports; the permission is declared with the other reports.
REPORT = "loyalty.report"


@strawberry.type(description="One account in a trial balance.")
class LoyaltyTrialBalanceLine:
    """As the schema shows it."""

    account: str = strawberry.field(
        description="`AVAILABLE`, `PENDING` or `HELD` of all members together, or one of our own: `ISSUED`, `REDEEMED`, …."
    )
    entries: int = strawberry.field(description="How many entries it is the sum of.")
    debit: BigInt = strawberry.field(description="Its balance, if that is below zero.")
    credit: BigInt = strawberry.field(description="Its balance, if that is above zero.")


@strawberry.type(description="The balances of a currency; debit and credit are equal, or something is wrong.")
class LoyaltyTrialBalance:
    """As the schema shows it."""

    lines: list[LoyaltyTrialBalanceLine] = strawberry.field(description="Members' accounts first, then our own.")
    debit: BigInt = strawberry.field(description="All debits.")
    credit: BigInt = strawberry.field(description="All credits.")
    balanced: bool = strawberry.field(description="Whether both are equal.")


async def _trial_balance(
    info: strawberry.Info[Any, None],
    currency_id: Annotated[strawberry.ID, strawberry.argument(description="Which currency.")],
) -> LoyaltyTrialBalance:
    """Add the entries up.

    Raises:

        Forbidden: without the permission.
        Invalid: the id is none of a currency.
    """
    if not info.context.actor.access.may(REPORT):
        msg = "Reports of loyalty need the permission loyalty.report; ask an administrator for it."
        raise errors.Forbidden(msg)
    found = await trial_balance(info.context.crm.database, _uuid(currency_id))
    lines = [
        LoyaltyTrialBalanceLine(
            account=line.account, entries=line.entries, debit=BigInt(line.debit), credit=BigInt(line.credit)
        )
        for line in found
    ]
    debit, credit = sum(line.debit for line in found), sum(line.credit for line in found)
    return LoyaltyTrialBalance(lines=lines, debit=BigInt(debit), credit=BigInt(credit), balanced=debit == credit)


def _uuid(shown: str) -> UUID:
    try:
        return UUID(shown.rpartition("_")[2])
    except ValueError:
        raise errors.Invalid.at(
            "currencyId", "INVALID", f"{shown} is no id of a currency; loyaltyCurrencies lists them."
        ) from None


TRIAL_BALANCE = extend(
    "Query",
    strawberry.field(
        resolver=_trial_balance,
        name="loyaltyTrialBalance",
        description="What all accounts of a currency hold. Needs the permission loyalty.report.",
    ),
    since="0.1.0",
)
