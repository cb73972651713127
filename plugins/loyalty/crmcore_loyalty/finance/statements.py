"""Draws statements out of the ledger, for one account or thousands, and compares those that are there with it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from typing import Any
from uuid import UUID

from crmcore import Crm, Database, Work, ids
from crmcore_loyalty.finance.drawing import Left, Movement, Statement, draw
from crmcore_loyalty.finance.months import Month
from crmcore_loyalty.sets import among, as_instant, as_uuid, insert_many
from crmcore_loyalty.tables.finance import LoyaltyStatement

__all__ = ["differing", "drawn", "keep"]

_LOT = 1000
#: A reversal is told by what it undoes.
_MOVEMENTS = """
select e.account_id, e.bucket, t.kind, o.kind as undone,
    coalesce(sum(case when e.recorded_at < $2 then e.amount end), 0) as before,
    coalesce(sum(case when e.recorded_at >= $2 then e.amount end), 0) as within
from loyalty_entry e join loyalty_transaction t on t.id = e.transaction_id
left join loyalty_transaction o on o.id = t.reverses_id and t.kind = 'REVERSAL'
where {accounts} and e.recorded_at < $3 group by e.account_id, e.bucket, t.kind, o.kind
"""
_LEFT = """
select account_id, id, earned_at, expires_at, sum(amount) as points from (
    select l.account_id, l.id, l.earned_at, l.expires_at, m.amount
    from loyalty_lot l join loyalty_lot_move m on m.lot_id = l.id join loyalty_transaction t on t.id = m.transaction_id
    where {accounts} and t.recorded_at < $2
    union all
    select l.account_id, l.id, l.earned_at, l.expires_at, l.original
    from loyalty_lot l join loyalty_transaction t on t.id = l.transaction_id
    where {accounts} and l.came_as is not null and t.recorded_at < $2
) moved group by account_id, id, earned_at, expires_at having sum(amount) <> 0
"""
_KEPT = "select * from loyalty_statement where currency_id = $1 and period = $2 and id > $3 order by id limit 1000"


async def drawn(database: Database, accounts: Sequence[Mapping[str, Any]], month: Month) -> list[Statement]:
    """Return the statements of accounts (`id`, `member_id`, `currency_id`) over a month."""
    wanted = [account["id"] for account in accounts]
    movements: dict[UUID, list[Movement]] = {}
    sql = _MOVEMENTS.format(accounts=among(database.dialect, "e.account_id", 1))
    for account, bucket, kind, undone, before, within in await database.fetch(sql, wanted, month.begins, month.ends):
        found = Movement(bucket, kind, undone, int(before), int(within))
        movements.setdefault(as_uuid(account), []).append(found)
    lots: dict[UUID, list[Left]] = {}
    sql = _LEFT.format(accounts=among(database.dialect, "l.account_id", 1))
    for account, lot, earned, expires, points in await database.fetch(sql, wanted, month.ends):
        left = Left(as_uuid(lot), as_instant(earned), None if expires is None else as_instant(expires), int(points))
        lots.setdefault(as_uuid(account), []).append(left)
    return [
        draw(a["member_id"], a["currency_id"], month, movements.get(a["id"], ()), lots.get(a["id"], ()))
        for a in accounts
    ]


async def keep(work: Work, statements: Iterable[Statement]) -> int:
    """Write statements that are not there yet; return how many were asked for."""
    rows = [
        {"id": ids.new(), **statement.values(), "made_at": work.now, "sha256": statement.sha256}
        for statement in statements
    ]
    also = "on conflict (member_id, currency_id, period) do nothing"
    await insert_many(work.database, LoyaltyStatement, rows, also)
    return len(rows)


async def differing(crm: Crm, currency_id: UUID, month: Month) -> AsyncIterator[tuple[Mapping[str, Any], Statement]]:
    """Give the statements that are kept and would be drawn otherwise now: there are none, unless somebody wrote past the ledger."""
    after = UUID(int=0)
    while rows := await crm.database.fetch_dicts(_KEPT, currency_id, month.key, after):
        members = [row["member_id"] for row in rows]
        accounts = await crm.database.fetch_dicts(
            "select id, member_id, currency_id from loyalty_account "
            f"where currency_id = $2 and {among(crm.database.dialect, 'member_id', 1)}",
            members,
            currency_id,
        )
        again = {s.member_id: s for s in await drawn(crm.database, accounts, month)}
        for row in rows:
            found = again.get(row["member_id"])
            if found is None:
                found = draw(row["member_id"], currency_id, month, (), ())
            if found.sha256 != row["sha256"]:
                yield row, found
        after = rows[-1]["id"]
