"""What a deal is worth in its pipeline's currency, and how likely it is to come."""

from __future__ import annotations

from decimal import ROUND_HALF_EVEN, Decimal

from crmcore.database.money import digits
from crmcore.entities import store
from crmcore.entities.change import Change
from crmcore.entities.store import Row
from crmcore.entities.work import Work

__all__ = ["converted", "set_base_amount", "set_probability"]

_LARGEST = 2**63 - 1


async def set_base_amount(work: Work, change: Change) -> None:
    """Complete the amount in the pipeline's currency: the same currency, else by the rate given, else unknown."""
    if change.get("fx_rate") == 0:
        change.refuse("fx_rate", "TOO_SMALL", "fxRate must be more than 0.")
    if (change.get("recurring_amount") is None) != (change.get("recurring_interval") is None):
        change.refuse(
            "recurring_interval",
            "INCOMPLETE",
            "recurringAmount and recurringInterval go together; give both or neither.",
        )
    if change.violations or not any(map(change.changed, ("amount", "amount_currency", "fx_rate", "pipeline_id"))):
        return
    worth, base = None, None
    if (amount := change.get("amount")) is not None:
        (pipeline,) = await store.select(
            work.database, work.entities["pipeline"], "t.id = $1", change.get("pipeline_id")
        )
        base = pipeline["currency"]
        worth = base and converted(amount, change.get("amount_currency"), base, change.get("fx_rate"))
    if worth is not None and worth > _LARGEST:
        change.refuse("fx_rate", "TOO_LARGE", f"At this rate the amount does not fit into 64 bits of {base}.")
        return
    change.values["base_amount"] = worth
    change.values["base_amount_currency"] = None if worth is None else base


def converted(minor: int, currency: str, base: str, rate: float | None) -> int | None:
    """Return minor units of `base` for minor units of `currency`, half to even; None if a rate is needed and missing."""
    if currency == base:
        return minor
    if rate is None:
        return None
    # The shortest text that gives the same float is the rate as somebody typed it.
    worth = Decimal(minor).scaleb(-digits(currency)) * Decimal(repr(rate))
    return int(worth.scaleb(digits(base)).to_integral_value(ROUND_HALF_EVEN))


def set_probability(change: Change, stage: Row) -> None:
    """Complete the probability: fixed when closed, else what somebody says, else the stage's.

    Args:

        change: the deal.
        stage: the stage the deal will be in.
    """
    given = change.values.get("probability") if "probability" in change.given else None
    said = change.values.get("probability_source") if "probability_source" in change.given else None
    source = change.get("probability_source")
    if stage["kind"] != "OPEN":
        change.values |= {"probability": stage["probability"], "probability_source": "STAGE"}
    elif given is not None and said != "STAGE":
        change.values["probability_source"] = said or "MANUAL"
    elif source == "STAGE":
        change.values["probability"] = stage["probability"]
    elif change.get("probability") is None:
        message = f"A probability of source {source} must be given; leave the source out for the stage's."
        change.refuse("probability", "REQUIRED", message)
