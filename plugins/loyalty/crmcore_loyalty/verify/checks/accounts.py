"""I2, I3, I5, I7 and I10: an account is the sum of its entries and of its lots, one after the other, and within bounds."""

from __future__ import annotations

from crmcore_loyalty.verify.check import FROZEN, REPORTED, Check

__all__ = ["ACCOUNTS"]

_ENTRIES = """
    select * from (
        select a.id as record_id, a.member_id, a.available, a.pending, a.held,
            coalesce(sum(case when e.bucket = 'AVAILABLE' then e.amount end), 0) as sum_available,
            coalesce(sum(case when e.bucket = 'PENDING' then e.amount end), 0) as sum_pending,
            coalesce(sum(case when e.bucket = 'HELD' then e.amount end), 0) as sum_held
        from loyalty_account a left join loyalty_entry e on e.account_id = a.id
        where a.id > $1 and a.id <= $2
        group by a.id, a.member_id, a.available, a.pending, a.held
    ) s where available <> sum_available or pending <> sum_pending or held <> sum_held
"""
_LOTS = """
    select * from (
        select a.id as record_id, a.member_id, a.available, a.pending, a.held, a.owed,
            coalesce(sum(l.remaining), 0) as sum_remaining, coalesce(sum(l.pending), 0) as sum_pending,
            coalesce(sum(l.held), 0) as sum_held
        from loyalty_account a left join loyalty_lot l on l.member_id = a.member_id and l.account_id = a.id
        where a.id > $1 and a.id <= $2
        group by a.id, a.member_id, a.available, a.pending, a.held, a.owed
    ) s where available <> sum_remaining - owed or pending <> sum_pending or held <> sum_held
"""
_HOLDS = """
    select * from (
        select a.id as record_id, a.member_id, a.held, coalesce(sum(h.points), 0) as points
        from loyalty_account a left join loyalty_hold h on h.account_id = a.id and h.state = 'OPEN'
        where a.id > $1 and a.id <= $2
        group by a.id, a.member_id, a.held
    ) s where held <> points
"""
_BOUNDS = """
    select a.id as record_id, a.member_id, a.available, a.pending, a.held, a.owed, c.floor
    from loyalty_account a join loyalty_currency c on c.id = a.currency_id
    where a.id > $1 and a.id <= $2 and (
        a.available < c.floor or a.pending < 0 or a.held < 0 or a.owed < 0
        or (a.owed > 0 and a.available <> -a.owed) or (a.available < 0 and a.owed = 0)
    )
"""
_ONCE = """
    select e.id as record_id, e.member_id, e.transaction_id, e.bucket, e.balance_after
    from loyalty_entry e
    where e.account_id > $1 and e.account_id <= $2 and e.bucket <> 'AVAILABLE' and e.balance_after < 0
"""
_CHAIN = """
    select * from (
        select e.id as record_id, e.member_id, e.transaction_id, e.number, e.bucket, e.balance_after,
            row_number() over (partition by e.account_id order by e.number) as place,
            e.amount + coalesce(
                lag(e.balance_after) over (partition by e.account_id, e.bucket order by e.number), 0) as expected
        from loyalty_entry e where e.account_id > $1 and e.account_id <= $2
    ) s where number <> place or balance_after <> expected
"""
_LAST = """
    select * from (
        select a.id as record_id, a.member_id, a.last_version, coalesce(max(e.number), 0) as latest
        from loyalty_account a left join loyalty_entry e on e.account_id = a.id
        where a.id > $1 and a.id <= $2 group by a.id, a.member_id, a.last_version
    ) s where last_version <> latest
"""
_FOLLOWS = """
    select distinct e.transaction_id, e.member_id, e.account_id as record_id, t.kind, t.reverses_id
    from loyalty_entry e join loyalty_transaction t on t.id = e.transaction_id
        join loyalty_entry before on before.transaction_id = t.reverses_id and before.account_id = e.account_id
    where e.account_id > $1 and e.account_id <= $2 and before.number >= e.number
"""

_HAS = "the account has {available} available, {pending} pending, {held} held"

ACCOUNTS = (
    Check(
        "I2", "account", _ENTRIES, f"{_HAS}; its entries make {{sum_available}}, {{sum_pending}}, {{sum_held}}", FROZEN
    ),
    Check(
        "I3",
        "account",
        _LOTS,
        f"{_HAS} and owes {{owed}}; its lots have {{sum_remaining}}, {{sum_pending}}, {{sum_held}} left",
        FROZEN,
    ),
    Check("I3", "account", _HOLDS, "the account has {held} held, its open holds are for {points}", FROZEN),
    Check("I5", "account", _BOUNDS, f"{_HAS} and owes {{owed}}, with a floor of {{floor}}", FROZEN),
    Check("I5", "account", _ONCE, "{bucket} was at {balance_after} once, below zero", FROZEN),
    Check(
        "I7",
        "account",
        _CHAIN,
        "entry {number} stands at place {place} and leaves {balance_after} {bucket} instead of {expected}",
        REPORTED,
    ),
    Check(
        "I7", "account", _LAST, "the account says {last_version} is its latest entry, and that is {latest}", REPORTED
    ),
    Check("I10", "account", _FOLLOWS, "{kind} stands before {reverses_id}, which it follows", REPORTED),
)
