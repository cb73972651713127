"""Balances of our own accounts: sums of entries, from the last checkpoint on."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from crmcore import Database, Work, ids
from crmcore_loyalty.sets import as_uuid, insert_many
from crmcore_loyalty.tables.finance import LoyaltyCheckpoint
from crmcore_loyalty.tables.ledger import LoyaltyHouse

__all__ = ["checkpoint", "house_balances"]

_LAST = """
select c.currency_id, c.house, c.up_to, c.balance from loyalty_checkpoint c
where c.up_to = (select max(l.up_to) from loyalty_checkpoint l where l.currency_id = c.currency_id and l.up_to <= $1)
"""
_SINCE = """
select e.house, sum(e.amount) from loyalty_entry e
where e.currency_id = $1 and e.house is not null and e.recorded_at >= $2 and e.recorded_at < $3 group by e.house
"""
_EVER = """
select e.house, sum(e.amount) from loyalty_entry e
where e.currency_id = $1 and e.house is not null and e.recorded_at < $2 group by e.house
"""


async def house_balances(database: Database, currency_id: UUID, as_of: datetime) -> dict[str, int]:
    """Return the balance of each of our accounts in a currency, of what was recorded before an instant."""
    balances = {house.name: 0 for house in LoyaltyHouse}
    known = [row for row in await database.fetch(_LAST, as_of) if as_uuid(row[0]) == currency_id]
    for _, house, _, balance in known:
        balances[house] = int(balance)
    rows = (
        await database.fetch(_SINCE, currency_id, known[0][2], as_of)
        if known
        else await database.fetch(_EVER, currency_id, as_of)
    )
    for house, amount in rows:
        balances[house] += int(amount)
    return balances


async def checkpoint(work: Work, up_to: datetime) -> None:
    """Note the balances of all our accounts as of the beginning of an instant's day, UTC, unless that is done.

    Args:

        work: the unit of work.
        up_to: an instant before which everything that was recorded is committed.
    """
    day = up_to.replace(hour=0, minute=0, second=0, microsecond=0)
    there = {
        as_uuid(c)
        for (c,) in await work.database.fetch("select currency_id from loyalty_checkpoint where up_to = $1", day)
    }
    rows = []
    for (currency,) in await work.database.fetch("select id from loyalty_currency order by id"):
        if currency not in there:
            balances = await house_balances(work.database, currency, day)
            rows += [
                {"id": ids.new(), "currency_id": currency, "house": house, "up_to": day, "balance": balance}
                for house, balance in balances.items()
            ]
    await insert_many(work.database, LoyaltyCheckpoint, rows, "on conflict (currency_id, house, up_to) do nothing")
