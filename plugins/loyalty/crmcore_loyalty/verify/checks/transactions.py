"""I1, I6 and I11: what came about adds up to zero, what did not has left nothing, and rows are what they say they are."""

from __future__ import annotations

from crmcore_loyalty.verify.check import EXPLAINED, REPORTED, Check

__all__ = ["TRANSACTIONS"]

_SUMS = """
    select t.id as transaction_id, t.member_id, t.kind, count(e.id) as entries, coalesce(sum(e.amount), 0) as total
    from loyalty_transaction t left join loyalty_entry e on e.transaction_id = t.id
    where t.id > $1 and t.id <= $2 and t.status = 'POSTED'
    group by t.id, t.member_id, t.kind
    having count(e.id) < 2 or coalesce(sum(e.amount), 0) <> 0
"""
_CURRENCIES = """
    select t.id as transaction_id, t.member_id, t.kind, e.id as record_id
    from loyalty_transaction t join loyalty_entry e on e.transaction_id = t.id
    where t.id > $1 and t.id <= $2 and e.currency_id <> t.currency_id
"""
_DECLINED = """
    select t.id as transaction_id, t.member_id, t.kind, t.reason_code,
        (select count(*) from loyalty_entry e where e.transaction_id = t.id) as entries,
        (select count(*) from loyalty_lot_move m where m.transaction_id = t.id) as moves,
        (select count(*) from loyalty_lot l where l.transaction_id = t.id) as lots
    from loyalty_transaction t
    where t.id > $1 and t.id <= $2 and t.status = 'DECLINED' and (
        t.reason_code is null
        or exists (select 1 from loyalty_entry e where e.transaction_id = t.id)
        or exists (select 1 from loyalty_lot_move m where m.transaction_id = t.id)
        or exists (select 1 from loyalty_lot l where l.transaction_id = t.id)
    )
"""
_OUTCOME = """
    select t.id as transaction_id, t.member_id, t.kind, t.status
    from loyalty_transaction t
    where t.id > $1 and t.id <= $2 and (
        t.status not in ('POSTED', 'DECLINED') or length(t.fingerprint) <> 64
        or (t.status = 'POSTED' and t.reason_code is not null)
        or (t.points < 0 and t.kind not in ('ADJUSTMENT', 'REVERSAL'))
    )
"""
_ENTRIES = """
    select e.id as record_id, e.transaction_id, e.member_id
    from loyalty_transaction t join loyalty_entry e on e.transaction_id = t.id
        left join loyalty_account a on a.id = e.account_id
    where t.id > $1 and t.id <= $2 and (
        (e.amount = 0 and (
            exists (select 1 from loyalty_lot_move m where m.transaction_id = t.id)
            or exists (select 1 from loyalty_lot l where l.transaction_id = t.id and l.came_as is not null)
        ))
        or (e.house is null and (a.id is null or e.bucket is null or e.number is null or e.balance_after is null
            or e.member_id is null or e.member_id <> a.member_id or e.currency_id <> a.currency_id))
        or (e.house is not null and (e.account_id is not null or e.member_id is not null or e.bucket is not null
            or e.number is not null or e.balance_after is not null))
    )
"""
_PARTIES = """
    select e.id as record_id, e.transaction_id, e.member_id, t.kind
    from loyalty_transaction t join loyalty_entry e on e.transaction_id = t.id
    where t.id > $1 and t.id <= $2 and e.member_id is not null and e.member_id <> t.member_id
        and (t.other_member_id is null or e.member_id <> t.other_member_id)
"""

TRANSACTIONS = (
    Check("I1", "transaction", _SUMS, "{kind} has {entries} entries that add up to {total} instead of 0", EXPLAINED),
    Check("I1", "transaction", _CURRENCIES, "{kind} has an entry in another currency than its own", EXPLAINED),
    Check(
        "I6",
        "transaction",
        _DECLINED,
        "{kind} was declined ({reason_code}) and has left {entries} entries, {moves} moves and {lots} lots",
        REPORTED,
    ),
    Check("I6", "transaction", _OUTCOME, "{kind} says {status} and has not the outcome of it", REPORTED),
    Check("I11", "transaction", _ENTRIES, "an entry is neither wholly a member's nor wholly our own", REPORTED),
    Check("I11", "transaction", _PARTIES, "{kind} moves the points of somebody it does not name", REPORTED),
)
