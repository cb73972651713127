"""What a ladder and its tiers need that their columns do not say."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from crmcore import Change, Work, errors
from crmcore_loyalty.tables.tiers import LoyaltyTierMetric

__all__ = ["prepare_group", "prepare_tier"]

_NEEDED = {
    LoyaltyTierMetric.POINTS.name: ("currency_id", "Points of which currency count? Give currencyId."),
    LoyaltyTierMetric.SPEND.name: ("money", "Orders in which currency count? Give money, as in EUR."),
    LoyaltyTierMetric.VISITS.name: ("activity", "Which recorded action counts? Give activity, as in VISIT."),
}


async def prepare_group(work: Work, change: Change) -> None:
    """Refuse a ladder that could not be counted: each metric needs what it counts, and points are of the same program."""
    if change.kind not in ("create", "update"):
        return
    needed, message = _NEEDED[change.get("metric")]
    if not change.get(needed):
        change.refuse(needed, "REQUIRED", message)
    money = change.get("money")
    if money and not (len(money) == 3 and money.isascii() and money.isalpha() and money.isupper()):
        change.refuse("money", "MALFORMED", f"{money} is no ISO 4217 code; write for example EUR.")
    if change.get("currency_id") and change.changed("currency_id"):
        found = await work.find("loyalty_currency", id=change.get("currency_id"))
        if found and found[0]["program_id"] != change.get("program_id"):
            change.refuse(
                "currency_id", "OTHER_PROGRAM", "That currency is of another program; choose one of this one."
            )


async def prepare_tier(work: Work, change: Change) -> None:
    """Keep thresholds in the order of ranks, and members out of tiers that are deleted."""
    if change.kind in ("delete", "destroy"):
        await _keep_if_needed(work, change)
    if change.kind not in ("create", "update", "restore"):
        return
    others = await work.find("loyalty_tier", group_id=change.get("group_id"))
    for other in others:
        if other["id"] != change.id and _out_of_order(change, other):
            side = "above" if other["rank"] < change.get("rank") else "below"
            message = f"{other['name']} has rank {other['rank']} and needs {other['threshold']}; this one must be {side} that."
            change.refuse("threshold", "OUT_OF_ORDER", message)


def _out_of_order(change: Change, other: Mapping[str, Any]) -> bool:
    rank, threshold = change.get("rank"), change.get("threshold")
    if other["rank"] == rank:
        return False
    return bool((other["rank"] < rank) != (other["threshold"] < threshold) or other["threshold"] == threshold)


async def _keep_if_needed(work: Work, change: Change) -> None:
    if await work.rows("select 1 from loyalty_standing where tier_id = $1 limit 1", change.id):
        msg = (
            "Members are in this tier; make it out of reach by its threshold first, and delete it when nobody is in it."
        )
        raise errors.InUse(msg)
