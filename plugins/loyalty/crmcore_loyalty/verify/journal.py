"""The journal of some accounts: what was written once, and what it is said to have come to."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeAlias
from uuid import UUID

from crmcore import Database
from crmcore_loyalty.verify.slices import slices

__all__ = ["AccountJournal", "Row", "journals"]

Row: TypeAlias = Mapping[str, Any]

#: Accounts of a slice: each comes with all its entries.
_SLICE = 200

_ACCOUNTS = "select * from loyalty_account a where a.id > $1 and a.id <= $2"
_ENTRIES = """
    select e.account_id, e.number, e.bucket, e.amount, e.balance_after, t.id, t.kind, t.member_id, t.other_member_id,
        t.points, t.reverses_id, t.event_at, t.recorded_at, u.kind as follows, e.member_id as whose
    from loyalty_entry e join loyalty_transaction t on t.id = e.transaction_id
        left join loyalty_transaction u on u.id = t.reverses_id
    where e.account_id > $1 and e.account_id <= $2 order by e.account_id, e.number
"""
_LOTS = """
    select l.* from loyalty_account a join loyalty_lot l on l.member_id = a.member_id and l.account_id = a.id
    where a.id > $1 and a.id <= $2
"""
_MOVES = """
    select l.account_id, m.transaction_id, m.lot_id, m.bucket, m.amount, m.hold_id
    from loyalty_account a join loyalty_lot l on l.member_id = a.member_id and l.account_id = a.id
        join loyalty_lot_move m on m.lot_id = l.id
    where a.id > $1 and a.id <= $2
    union all
    select l.account_id, l.transaction_id, l.id, l.came_as, l.original, null
    from loyalty_account a join loyalty_lot l on l.member_id = a.member_id and l.account_id = a.id
    where a.id > $1 and a.id <= $2 and l.came_as is not null
"""
_HOLDS = "select * from loyalty_hold h where h.account_id > $1 and h.account_id <= $2"


@dataclass
class AccountJournal:
    """One account.

    Attributes:

        account: its row.
        entries: in their order, each with its transaction.
        moves: of its lots, by transaction.
        lots: its lots, by id.
        holds: its holds, by id.
    """

    account: Row
    entries: list[Row] = field(default_factory=list)
    moves: dict[UUID, list[Row]] = field(default_factory=lambda: defaultdict(list))
    lots: dict[UUID, Row] = field(default_factory=dict)
    holds: dict[UUID, Row] = field(default_factory=dict)


async def journals(database: Database, size: int = _SLICE) -> AsyncIterator[AccountJournal]:
    """Give the accounts one after the other; those of a slice as they were at one moment."""
    async for low, high in slices(database, "account", size):
        async with database.transaction():
            found = [await database.fetch_dicts(sql, low, high) for sql in (_ACCOUNTS, _ENTRIES, _LOTS, _MOVES, _HOLDS)]
        for journal in _sorted(*found):
            yield journal


def _sorted(
    accounts: Sequence[Row], entries: Sequence[Row], lots: Sequence[Row], moves: Sequence[Row], holds: Sequence[Row]
) -> list[AccountJournal]:
    made = {account["id"]: AccountJournal(account) for account in accounts}
    for entry in entries:
        made[entry["account_id"]].entries.append(entry)
    for lot in lots:
        made[lot["account_id"]].lots[lot["id"]] = lot
    for move in moves:
        made[move["account_id"]].moves[move["transaction_id"]].append(move)
    for hold in holds:
        made[hold["account_id"]].holds[hold["id"]] = hold
    return list(made.values())
