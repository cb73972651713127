"""I12 and I15: all accounts together are zero, what we owe is what members have, and what goes between members stays whole."""

from __future__ import annotations

from crmcore_loyalty.verify.check import EXPLAINED, FROZEN, REPORTED, Check

__all__ = ["POOLS"]

# One statement, so that it sees one state of a ledger that is being written.
_TRIAL = """
    select * from (
        select c.id as record_id, c.code,
            coalesce((select sum(a.available + a.pending + a.held) from loyalty_account a where a.currency_id = c.id), 0) as members,
            coalesce((select sum(l.remaining + l.pending + l.held) from loyalty_lot l where l.currency_id = c.id), 0)
                - coalesce((select sum(a.owed) from loyalty_account a where a.currency_id = c.id), 0) as lots,
            coalesce((select -sum(e.amount) from loyalty_entry e where e.currency_id = c.id and e.house is not null), 0) as ours,
            coalesce((select sum(e.amount) from loyalty_entry e where e.currency_id = c.id), 0) as total
        from loyalty_currency c where c.id > $1 and c.id <= $2
    ) s where members <> ours or lots <> ours or total <> 0
"""
_BETWEEN = """
    select t.id as transaction_id, t.member_id, t.kind, coalesce(sum(e.amount), 0) as total,
        count(case when e.house is not null then 1 end) as houses
    from loyalty_transaction t join loyalty_entry e on e.transaction_id = t.id
    where t.id > $1 and t.id <= $2 and t.kind in ('TRANSFER', 'MERGE') and t.status = 'POSTED'
    group by t.id, t.member_id, t.kind
    having coalesce(sum(e.amount), 0) <> 0 or count(case when e.house is not null then 1 end) > 0
        or sum(case when e.member_id = t.member_id then e.amount else 0 end)
            <> -sum(case when e.member_id = t.other_member_id then e.amount else 0 end)
"""
_LEFT = """
    select a.id as record_id, a.member_id, m.status, a.available, a.pending, a.held
    from loyalty_account a join loyalty_member m on m.id = a.member_id
    where a.id > $1 and a.id <= $2 and m.status in ('CLOSED', 'MERGED')
        and (a.available > 0 or a.pending <> 0 or a.held <> 0)
"""
_FROM_WHOM = """
    select l.id as record_id, l.member_id, l.transaction_id, l.earned_at, l.expires_at
    from loyalty_lot l join loyalty_lot o on o.id = l.origin_id join loyalty_transaction t on t.id = l.transaction_id
    where l.id > $1 and l.id <= $2 and (
        l.currency_id <> o.currency_id
        or (t.kind in ('TRANSFER', 'MERGE') and (
            l.earned_at <> o.earned_at or coalesce(l.expires_at <> o.expires_at, (l.expires_at is null) <> (o.expires_at is null))
        ))
    )
"""

POOLS = (
    Check(
        "I12",
        "currency",
        _TRIAL,
        "of {code} members have {members}, their lots are worth {lots}, our own accounts say {ours}; all entries make {total}",
        REPORTED,
    ),
    Check("I15", "transaction", _BETWEEN, "{kind} leaves {total} over and has {houses} entries of our own", EXPLAINED),
    Check(
        "I15",
        "account",
        _LEFT,
        "a member who is {status} still has {available}, {pending} pending, {held} held",
        FROZEN,
    ),
    Check(
        "I15", "lot", _FROM_WHOM, "the lot of {earned_at} to {expires_at} is not as the one it was part of", EXPLAINED
    ),
)
