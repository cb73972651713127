"""Why a transaction is what it is, in words, from what was kept with it."""

from __future__ import annotations

from crmcore import Row, Work
from crmcore_loyalty.tables.ledger import LoyaltyTransactionKind, LoyaltyTransactionStatus

__all__ = ["in_words"]


async def in_words(work: Work, row: Row) -> str:
    """Return a few sentences; the points are named as members know them to those who may see what they are called."""
    id = row["currency_id"]
    (currency,) = await work.find("loyalty_currency", id=id)
    named = currency["name"] if await work.reaches("loyalty_currency", id, "read") else "points"
    told = [_first(row, named)]
    trace = row["trace"] or {}
    if "rule" in trace:
        told.append(f"Rule {trace['rule']}, revision {trace['revision']}, about {trace['trigger']}.")
    if trace.get("condition"):
        told.append(f"Its condition held: {trace['condition']}.")
    told += trace.get("steps", [])
    if row["source_type"]:
        told.append(f"It comes from {row['source_type']} {row['source_id']}.")
    return " ".join(told)


def _first(row: Row, name: str) -> str:
    what = LoyaltyTransactionKind[row["kind"]].value
    when = f"{row['event_at']:%Y-%m-%d %H:%M} UTC"
    if row["status"] == LoyaltyTransactionStatus.DECLINED.name:
        return f"{row['points']} {name} were declined ({row['reason_code']}) for {when}: {row['reason']}"
    why = f" {row['reason']}." if row["reason"] else ""
    return f"{row['points']} {name} at {when}: {what}{why}"
