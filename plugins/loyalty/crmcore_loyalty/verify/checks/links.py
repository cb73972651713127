"""I16: what rows that are written once name is there; they have no foreign keys, since looking those up took as long as writing."""

from __future__ import annotations

from crmcore_loyalty.verify.check import REPORTED, Check

__all__ = ["LINKS"]

_TRANSACTIONS = """
    select t.id as transaction_id, t.member_id, t.kind
    from loyalty_transaction t
        left join loyalty_member m on m.id = t.member_id left join loyalty_currency c on c.id = t.currency_id
        left join loyalty_member o on o.id = t.other_member_id left join loyalty_transaction r on r.id = t.reverses_id
    where t.id > $1 and t.id <= $2 and (
        m.id is null or c.id is null or (t.other_member_id is not null and o.id is null)
        or (t.reverses_id is not null and r.id is null)
    )
"""
_ENTRIES = """
    select e.id as record_id, e.transaction_id, e.member_id
    from loyalty_entry e
        left join loyalty_transaction t on t.id = e.transaction_id left join loyalty_account a on a.id = e.account_id
        left join loyalty_member m on m.id = e.member_id left join loyalty_currency c on c.id = e.currency_id
    where e.id > $1 and e.id <= $2 and (
        t.id is null or c.id is null or (e.account_id is not null and a.id is null)
        or (e.member_id is not null and m.id is null)
    )
"""
_LOTS = """
    select l.id as record_id, l.transaction_id, l.member_id
    from loyalty_lot l
        left join loyalty_transaction t on t.id = l.transaction_id left join loyalty_account a on a.id = l.account_id
        left join loyalty_member m on m.id = l.member_id left join loyalty_currency c on c.id = l.currency_id
        left join loyalty_lot o on o.id = l.origin_id
    where l.id > $1 and l.id <= $2 and (
        t.id is null or a.id is null or m.id is null or c.id is null or (l.origin_id is not null and o.id is null)
    )
"""
_MOVES = """
    select m.id as record_id, m.transaction_id, l.member_id
    from loyalty_lot_move m
        left join loyalty_transaction t on t.id = m.transaction_id left join loyalty_lot l on l.id = m.lot_id
        left join loyalty_hold h on h.id = m.hold_id
    where m.id > $1 and m.id <= $2 and (
        t.id is null or l.id is null or (m.hold_id is not null and h.id is null)
    )
"""

_NOWHERE = "names a transaction, account, member, currency, lot or hold that is not there"

LINKS = (
    Check("I16", "transaction", _TRANSACTIONS, f"{{kind}} {_NOWHERE}", REPORTED),
    Check("I16", "entry", _ENTRIES, f"an entry {_NOWHERE}", REPORTED),
    Check("I16", "lot", _LOTS, f"a lot {_NOWHERE}", REPORTED),
    Check("I16", "move", _MOVES, f"a move of a lot {_NOWHERE}", REPORTED),
)
