"""What counts for tiers, read from where it is written down: the ledger, orders, recorded actions."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from crmcore import Database
from crmcore_loyalty.sets import among, as_instant, as_uuid
from crmcore_loyalty.tables.tiers import LoyaltyTierMetric
from crmcore_loyalty.tiers.ladder import Ladder
from crmcore_loyalty.tiers.standing import History

__all__ = ["STATUSES", "histories"]

#: From which status on an order counts, by the program's `order_trigger`; where orders earn nothing, being paid for counts.
STATUSES = {
    "PLACED": ("PLACED", "PAID", "FULFILLED", "COMPLETED"),
    "PAID": ("PAID", "FULFILLED", "COMPLETED"),
    "COMPLETED": ("COMPLETED",),
    "NEVER": ("PAID", "FULFILLED", "COMPLETED"),
}

#: Those who went on as one of some members. Without the second condition PostgreSQL would look at all members.
_MERGED = "select id, merged_into_id from loyalty_member where {members} and merged_into_id is not null"
#: What was undone counts against the time of what it undoes.
_POINTS = """
select t.member_id as member, t.event_at as at, t.points as amount from loyalty_transaction t
where {members} and t.status = 'POSTED' and t.currency_id = $2 and t.kind in ('ACCRUAL', 'ADJUSTMENT') and t.event_at >= $3
union all
select t.member_id, o.event_at, case when o.points < 0 then t.points else -t.points end
from loyalty_transaction t join loyalty_transaction o on o.id = t.reverses_id
where {members} and t.status = 'POSTED' and t.currency_id = $2 and t.kind in ('CANCELLATION', 'REVERSAL')
  and o.kind in ('ACCRUAL', 'ADJUSTMENT') and o.event_at >= $3
"""
#: Orders are a customer's: members that were one customer's twice have them through the one that is still there.
_SPEND = """
select m.id as member, o.placed_at as at, o.total - o.refunded as amount
from loyalty_member m join orders_order o on o.customer_id = m.customer_id
where {members} and o.deleted_at is null and o.currency = $2 and o.placed_at >= $3 and o.status in ({statuses}) {since}
  and not exists (select 1 from loyalty_member r where r.id = m.merged_into_id and r.customer_id = m.customer_id)
"""
_VISITS = """
select a.member_id as member, a.occurred_at as at, 1 as amount from loyalty_activity a
where {members} and a.action = $2 and a.occurred_at >= $3
"""
_SINCE = "and o.placed_at >= m.enrolled_at"


async def histories(
    database: Database, ladder: Ladder, members: Sequence[UUID], since: datetime, cuts: Sequence[datetime] | None = None
) -> dict[UUID, History]:
    """Return what counts of each member on a ladder from an instant on, by when it happened; nothing for who has nothing.

    Args:

        database: where.
        ladder: which ladder.
        members: of whom.
        since: from when on.
        cuts: if given, what lies between two of these is added up, and counts as if it had happened with the last of it.
    """
    found: dict[UUID, list[tuple[datetime, int]]] = {}
    value = _value(ladder)
    if value is None or not members:
        return {}
    roots = await _family(database, members)
    sql, more = _sql(database.dialect, ladder, cuts)
    for member, at, amount in await database.fetch(sql, list(roots), value, since, *more):
        root = roots[as_uuid(member)]
        if root in found:
            found[root].append((as_instant(at), int(amount)))
        else:
            found[root] = [(as_instant(at), int(amount))]
    return {member: tuple(sorted(rows)) for member, rows in found.items()}


def _sql(dialect: str, ladder: Ladder, cuts: Sequence[datetime] | None) -> tuple[str, list[Any]]:
    column, sql = _source(ladder)
    sql = sql.replace("{members}", among(dialect, column, 1))
    if cuts is None:
        return sql, []
    before = " ".join(f"when at < ${n} then {n}" for n in range(4, 4 + len(cuts)))
    part = f"case {before} else 0 end" if cuts else "0"
    return f"select member, max(at), sum(amount) from ({sql}) as counted group by member, {part}", list(cuts)


async def _family(database: Database, members: Sequence[UUID]) -> dict[UUID, UUID]:
    """Return members and those who went on as them, each with the member whose history it is."""
    roots = {member: member for member in members}
    level = list(members)
    while level:
        rows = await database.fetch(_MERGED.format(members=among(database.dialect, "merged_into_id", 1)), level)
        merged = {member: roots[into] for member, into in rows if member not in roots}
        roots |= merged
        level = list(merged)
    return roots


def _source(ladder: Ladder) -> tuple[str, str]:
    if ladder.metric is LoyaltyTierMetric.POINTS:
        return "t.member_id", _POINTS
    if ladder.metric is LoyaltyTierMetric.VISITS:
        return "a.member_id", _VISITS
    statuses = ", ".join(f"'{status}'" for status in STATUSES[ladder.order_trigger])
    since = "" if ladder.counts_before else _SINCE
    return "m.id", _SPEND.replace("{statuses}", statuses).replace("{since}", since)


def _value(ladder: Ladder) -> UUID | str | None:
    if ladder.metric is LoyaltyTierMetric.POINTS:
        return ladder.currency_id
    return ladder.activity if ladder.metric is LoyaltyTierMetric.VISITS else ladder.money
