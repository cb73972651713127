"""I4 and I8: a lot is what it had and what its moves made of it, and nobody spends what has expired."""

from __future__ import annotations

from crmcore_loyalty.verify.check import EXPLAINED, FROZEN, REPORTED, Check

__all__ = ["LOTS"]

_MOVES = """
    select * from (
        select l.id as record_id, l.member_id, l.transaction_id, l.remaining, l.pending, l.held,
            case when l.came_as = 'AVAILABLE' then l.original else 0 end
                + coalesce(sum(case when m.bucket = 'AVAILABLE' then m.amount end), 0) as sum_remaining,
            case when l.came_as = 'PENDING' then l.original else 0 end
                + coalesce(sum(case when m.bucket = 'PENDING' then m.amount end), 0) as sum_pending,
            case when l.came_as = 'HELD' then l.original else 0 end
                + coalesce(sum(case when m.bucket = 'HELD' then m.amount end), 0) as sum_held
        from loyalty_lot l left join loyalty_lot_move m on m.lot_id = l.id
        where l.id > $1 and l.id <= $2
        group by l.id, l.member_id, l.transaction_id, l.remaining, l.pending, l.held, l.original, l.came_as
    ) s where remaining <> sum_remaining or pending <> sum_pending or held <> sum_held
"""
_ORIGINAL = """
    select * from (
        select l.id as record_id, l.member_id, l.transaction_id, l.original,
            case when l.came_as is null then 0 else l.original end
                + coalesce(sum(case when m.transaction_id = l.transaction_id and m.amount > 0 then m.amount end), 0) as brought,
            case when l.came_as is null then 0 else l.original end + coalesce(sum(m.amount), 0) as rest
        from loyalty_lot l left join loyalty_lot_move m on m.lot_id = l.id
        where l.id > $1 and l.id <= $2
        group by l.id, l.member_id, l.transaction_id, l.original, l.came_as
    ) s where original <> brought or rest > original or original <= 0
"""
_PARTS = """
    select l.id as record_id, l.member_id, l.transaction_id, l.original, l.remaining, l.pending, l.held
    from loyalty_lot l join loyalty_account a on a.id = l.account_id
    where l.id > $1 and l.id <= $2 and (
        l.remaining < 0 or l.pending < 0 or l.held < 0 or l.remaining + l.pending + l.held > l.original
        or l.member_id <> a.member_id or l.currency_id <> a.currency_id
        or l.spent <> (l.remaining + l.pending + l.held = 0)
    )
"""
_EXPIRED = """
    select m.transaction_id, l.member_id, l.id as record_id, t.kind, t.event_at, l.expires_at, -sum(m.amount) as points
    from loyalty_lot l join loyalty_lot_move m on m.lot_id = l.id join loyalty_transaction t on t.id = m.transaction_id
    where l.id > $1 and l.id <= $2 and l.expires_at <= t.event_at and m.bucket = 'AVAILABLE'
        and t.kind in ('REDEMPTION', 'RESERVATION', 'TRANSFER') and l.transaction_id <> t.id
    group by m.transaction_id, l.member_id, l.id, t.kind, t.event_at, l.expires_at
    having sum(m.amount) < 0
"""
_TOO_EARLY = """
    select m.transaction_id, l.member_id, l.id as record_id, t.recorded_at, l.expires_at, -sum(m.amount) as points
    from loyalty_lot l join loyalty_lot_move m on m.lot_id = l.id join loyalty_transaction t on t.id = m.transaction_id
        join loyalty_currency c on c.id = l.currency_id
    where l.id > $1 and l.id <= $2 and t.kind = 'EXPIRY' and c.expiry <> 'ACTIVITY' and (l.expires_at is null or l.expires_at > t.recorded_at)
    group by m.transaction_id, l.member_id, l.id, t.recorded_at, l.expires_at
    having sum(m.amount) < 0
"""
_SPENDING_PENDING = """
    select m.transaction_id, l.member_id, l.id as record_id, t.kind
    from loyalty_lot l join loyalty_lot_move m on m.lot_id = l.id join loyalty_transaction t on t.id = m.transaction_id
    where l.id > $1 and l.id <= $2 and m.bucket = 'PENDING' and t.kind in ('REDEMPTION', 'RESERVATION', 'CAPTURE', 'TRANSFER')
    union all
    select t.id, l.member_id, l.id, t.kind from loyalty_lot l join loyalty_transaction t on t.id = l.transaction_id
    where l.id > $1 and l.id <= $2 and l.came_as = 'PENDING' and t.kind in ('REDEMPTION', 'RESERVATION', 'CAPTURE', 'TRANSFER')
"""

LOTS = (
    Check(
        "I4",
        "lot",
        _MOVES,
        "the lot has {remaining} available, {pending} pending, {held} held; its moves make {sum_remaining}, {sum_pending}, {sum_held}",
        FROZEN,
    ),
    Check("I4", "lot", _ORIGINAL, "the lot had {original}; {brought} were brought and {rest} are left", FROZEN),
    Check(
        "I4",
        "lot",
        _PARTS,
        "of {original} the lot has {remaining} available, {pending} pending, {held} held, is in another's account, or says wrongly whether it is spent",
        REPORTED,
    ),
    Check("I8", "lot", _EXPIRED, "{kind} at {event_at} took {points} that had expired at {expires_at}", EXPLAINED),
    Check(
        "I8",
        "lot",
        _TOO_EARLY,
        "{points} were taken as expired at {recorded_at}, and expire at {expires_at}",
        EXPLAINED,
    ),
    Check("I8", "lot", _SPENDING_PENDING, "{kind} took points that were pending", EXPLAINED),
)
