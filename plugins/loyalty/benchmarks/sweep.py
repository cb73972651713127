"""Expiry of what is due among very many lots, interrupted once on the way."""

from __future__ import annotations

import asyncio
import time
from datetime import timedelta
from uuid import UUID

from crmcore_loyalty import ledger

from benchmarks.ground import World
from crmcore import clock, ids

__all__ = ["swept"]

_TRANSACTIONS = """
    insert into loyalty_transaction (id, kind, status, currency_id, member_id, points, event_at, recorded_at, fingerprint, actor)
    select v.t, 'ACCRUAL', 'POSTED', $3, v.m, 10, $4, $4, '', '{}' from unnest($1::uuid[], $2::uuid[]) as v(t, m)
"""
_ENTRIES = """
    insert into loyalty_entry (id, transaction_id, account_id, member_id, bucket, house, currency_id, amount, event_at, recorded_at,
        balance_after, number)
    select gen_random_uuid(), t.id, a.id, a.member_id, 'AVAILABLE', null, t.currency_id, 10, t.event_at, t.recorded_at,
        10 * row_number() over (partition by a.id order by t.id), row_number() over (partition by a.id order by t.id)
    from loyalty_transaction t join loyalty_account a on a.member_id = t.member_id and a.currency_id = t.currency_id
    union all
    select gen_random_uuid(), t.id, null, null, null, 'ISSUED', t.currency_id, -10, t.event_at, t.recorded_at, null, null
    from loyalty_transaction t
"""
_LOTS = """
    insert into loyalty_lot (id, account_id, member_id, currency_id, transaction_id, earned_at, active_at, expires_at, original,
        came_as, remaining, pending, held, spent, due_at)
    select gen_random_uuid(), a.id, a.member_id, a.currency_id, t.id, t.event_at, t.event_at, d.at, 10, 'AVAILABLE', 10, 0, 0, false, d.at
    from loyalty_transaction t join loyalty_account a on a.member_id = t.member_id and a.currency_id = t.currency_id
    cross join lateral (select case when hashtext(t.id::text) % 20 = 0 then $1::timestamptz else $2::timestamptz end as at) d
"""
_ACCOUNTS = """
    update loyalty_account a set available = s.points, accrued = s.points, last_version = s.points / 10
    from (select account_id, sum(remaining) as points from loyalty_lot group by account_id) s where s.account_id = a.id
"""


async def swept(it: World, lots: int) -> tuple[int, float]:
    """Fill the ledger with lots, a twentieth of which is due; return how many transactions let them expire, and the seconds."""
    now = clock.now()
    await _fill(it, lots)
    began = time.perf_counter()
    sweep = asyncio.create_task(ledger.expire_due(it.crm, now))
    await asyncio.sleep(1)
    sweep.cancel()  # as when a worker is stopped
    await asyncio.gather(sweep, return_exceptions=True)
    await ledger.expire_due(it.crm, now)
    seconds = time.perf_counter() - began
    done = await it.crm.database.fetch_value("select count(*) from loyalty_transaction where kind = 'EXPIRY'")
    left = await it.crm.database.fetch_value("select count(*) from loyalty_lot where due_at <= $1", now)
    assert left == 0, f"{left} lots are still due."
    return int(done), seconds


async def _fill(it: World, lots: int) -> None:
    now, database = clock.now(), it.crm.database
    for start in range(0, lots, 50_000):
        transactions = [ids.new() for _ in range(min(50_000, lots - start))]
        people: list[UUID] = [it.members[n % len(it.members)] for n in range(len(transactions))]
        await database.execute(_TRANSACTIONS, transactions, people, it.currency_id, now - timedelta(days=400))
    for sql, values in (
        (_LOTS, (now - timedelta(days=1), now + timedelta(days=300))),
        (_ENTRIES, ()),
        (_ACCOUNTS, ()),
    ):
        await database.execute(sql, *values)
    for table in ("loyalty_lot", "loyalty_account", "loyalty_transaction", "loyalty_entry", "loyalty_lot_move"):
        await database.execute(f"analyze {table}")
