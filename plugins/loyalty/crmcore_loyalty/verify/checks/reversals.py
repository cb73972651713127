"""I9: no more is undone than was done, as a whole, by our own accounts, and by lot."""

from __future__ import annotations

from crmcore_loyalty.verify.check import EXPLAINED, REPORTED, Check

__all__ = ["REVERSALS"]

_POINTS = """
    select t.id as transaction_id, t.member_id, t.kind, t.points, count(r.id) as times, sum(abs(r.points)) as undone
    from loyalty_transaction t join loyalty_transaction r on r.reverses_id = t.id
    where t.id > $1 and t.id <= $2 and r.kind = 'REVERSAL' and r.status = 'POSTED'
    group by t.id, t.member_id, t.kind, t.points
    having sum(abs(r.points)) > abs(t.points)
"""
_OF_WHAT = """
    select r.id as transaction_id, r.member_id, r.kind, r.reverses_id
    from loyalty_transaction r left join loyalty_transaction t on t.id = r.reverses_id
    where r.id > $1 and r.id <= $2 and r.status = 'POSTED'
        and r.kind in ('REVERSAL', 'ACTIVATION', 'CANCELLATION', 'CAPTURE', 'RELEASE')
        and (t.id is null or t.status <> 'POSTED' or t.currency_id <> r.currency_id)
"""
_HOUSES = """
    select * from (
        select t.id as transaction_id, t.member_id, t.kind, e.house,
            sum(case when e.transaction_id = t.id then e.amount else 0 end) as done,
            sum(case when e.transaction_id <> t.id then e.amount else 0 end) as undone
        from loyalty_transaction t
            join loyalty_transaction r on r.id = t.id or (r.reverses_id = t.id and r.kind = 'REVERSAL' and r.status = 'POSTED')
            join loyalty_entry e on e.transaction_id = r.id and e.house is not null
        where t.id > $1 and t.id <= $2 and t.status = 'POSTED'
            and exists (select 1 from loyalty_transaction x where x.reverses_id = t.id and x.kind = 'REVERSAL')
        group by t.id, t.member_id, t.kind, e.house
    ) s where undone <> 0 and (done = 0 or (done > 0) = (undone > 0) or abs(undone) > abs(done))
"""
# What went back to a lot, or to a new one that took its place because it had expired, against what was taken from it.
_BY_LOT = """
    select b.* from (
        select g.transaction_id, g.member_id, g.kind, g.record_id, sum(g.amount) as back,
            coalesce((
                select -sum(o.amount) from loyalty_lot_move o
                where o.transaction_id = g.transaction_id and o.lot_id = g.record_id
            ), 0) as taken
        from (
            select t.id as transaction_id, t.member_id, t.kind, m.amount,
                case when l.transaction_id = r.id and l.origin_id is not null then l.origin_id else l.id end as record_id
            from loyalty_transaction t
                join loyalty_transaction r on r.reverses_id = t.id and r.kind = 'REVERSAL' and r.status = 'POSTED'
                join loyalty_lot_move m on m.transaction_id = r.id
                join loyalty_lot l on l.id = m.lot_id
            where t.id > $1 and t.id <= $2 and t.kind in ('REDEMPTION', 'CAPTURE')
            union all
            select t.id, t.member_id, t.kind, l.original, coalesce(l.origin_id, l.id)
            from loyalty_transaction t
                join loyalty_transaction r on r.reverses_id = t.id and r.kind = 'REVERSAL' and r.status = 'POSTED'
                join loyalty_lot l on l.transaction_id = r.id and l.came_as is not null
            where t.id > $1 and t.id <= $2 and t.kind in ('REDEMPTION', 'CAPTURE')
        ) g group by g.transaction_id, g.member_id, g.kind, g.record_id
    ) b where back > taken
"""
# What was clawed back is what was to be undone, or the transaction says how much of it could not be taken.
_SILENT = """
    select r.id as transaction_id, r.member_id, r.points, abs(coalesce(sum(e.amount), 0)) as moved
    from loyalty_transaction r left join loyalty_entry e on e.transaction_id = r.id and e.house is not null
    where r.id > $1 and r.id <= $2 and r.kind = 'REVERSAL' and r.status = 'POSTED'
        and coalesce(cast(r.trace as text), '') not like '%not_taken%'
    group by r.id, r.member_id, r.points
    having abs(coalesce(sum(e.amount), 0)) <> abs(r.points)
"""

REVERSALS = (
    Check("I9", "transaction", _POINTS, "{kind} of {points} was undone {times} times, by {undone} in all", EXPLAINED),
    Check("I9", "transaction", _OF_WHAT, "{kind} follows {reverses_id}, which did not come about here", REPORTED),
    Check("I9", "transaction", _HOUSES, "{kind} put {done} into {house}, and {undone} undid it", EXPLAINED),
    Check("I9", "transaction", _SILENT, "{points} were to be undone, {moved} were, and it does not say why", EXPLAINED),
    Check("I9", "transaction", _BY_LOT, "{kind} took {taken} from the lot, and {back} went back to it", EXPLAINED),
)
