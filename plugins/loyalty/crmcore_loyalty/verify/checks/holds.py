"""I14: what was set aside is captured, given back or runs out: one of these, once, and in time."""

from __future__ import annotations

from crmcore_loyalty.verify.check import EXPLAINED, FROZEN, Check

__all__ = ["HOLDS"]

_ENDS = """
    select * from (
        select h.id as record_id, h.member_id, h.id as transaction_id, h.state, h.points, h.captured, h.ended_at,
            count(case when t.kind = 'CAPTURE' then 1 end) as captures,
            coalesce(sum(case when t.kind = 'CAPTURE' then t.points end), 0) as spent,
            count(case when t.kind = 'RELEASE' then 1 end) as releases,
            count(case when f.id is not null then 1 end) as forfeits
        from loyalty_hold h
            left join loyalty_transaction t
                on t.reverses_id = h.id and t.status = 'POSTED' and t.kind in ('CAPTURE', 'RELEASE')
            left join loyalty_transaction f
                on f.member_id = h.member_id and f.kind = 'FORFEIT' and f.status = 'POSTED' and f.recorded_at = h.ended_at
        where h.id > $1 and h.id <= $2
        group by h.id, h.member_id, h.state, h.points, h.captured, h.ended_at
    ) s where not (
        (state = 'OPEN' and captures = 0 and releases = 0 and captured = 0 and ended_at is null)
        or (state = 'CAPTURED' and captures = 1 and releases = 0 and captured > 0 and captured <= points
            and captured = spent and ended_at is not null)
        or (state in ('VOIDED', 'EXPIRED') and captures = 0 and captured = 0 and ended_at is not null
            and (releases = 1 or (releases = 0 and forfeits > 0)))
    )
"""
_RESERVED = """
    select t.id as transaction_id, t.member_id, t.points, h.points as held
    from loyalty_transaction t left join loyalty_hold h on h.id = t.id
    where t.id > $1 and t.id <= $2 and t.kind = 'RESERVATION' and t.status = 'POSTED'
        and (h.id is null or h.points <> t.points)
"""
_UNASKED = """
    select h.id as record_id, h.member_id, h.points
    from loyalty_hold h left join loyalty_transaction t on t.id = h.id and t.kind = 'RESERVATION' and t.status = 'POSTED'
    where h.id > $1 and h.id <= $2 and t.id is null
"""
_LATE = """
    select t.id as transaction_id, h.member_id, h.id as record_id, t.event_at, h.expires_at
    from loyalty_hold h join loyalty_transaction t on t.reverses_id = h.id and t.kind = 'CAPTURE' and t.status = 'POSTED'
    where h.id > $1 and h.id <= $2 and t.event_at >= h.expires_at
"""
_EARLY = """
    select h.id as record_id, h.member_id, h.ended_at, h.expires_at
    from loyalty_hold h
    where h.id > $1 and h.id <= $2 and h.state = 'EXPIRED' and h.ended_at < h.expires_at
"""

HOLDS = (
    Check(
        "I14",
        "hold",
        _ENDS,
        "the hold of {points} is {state} with {captures} captures of {spent} (it says {captured}) and {releases} releases",
        FROZEN,
    ),
    Check("I14", "transaction", _RESERVED, "{points} were reserved, and the hold is for {held}", EXPLAINED),
    Check("I14", "hold", _UNASKED, "{points} are held, and nobody reserved them", FROZEN),
    Check("I14", "hold", _LATE, "the hold ran out at {expires_at} and was captured at {event_at}", EXPLAINED),
    Check("I14", "hold", _EARLY, "the hold runs out at {expires_at}, and is said to have at {ended_at}", EXPLAINED),
)
