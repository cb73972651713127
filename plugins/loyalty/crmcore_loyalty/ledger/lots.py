"""Lots and holds as they lie in the database; read only after their account was locked, in a statement of its own."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID

import msgspec

from crmcore import Work, errors, ids
from crmcore_loyalty.ledger.state import Account, Hold, Lot
from crmcore_loyalty.sets import among
from crmcore_loyalty.tables.ledger import LoyaltyHoldState

if TYPE_CHECKING:
    from crmcore_loyalty.ledger.ground import Ground

__all__ = [
    "LOTS_LEFT",
    "Held",
    "held",
    "hold_of",
    "line_of",
    "lots_by_id",
    "lots_left",
    "lots_to_spend",
    "open_holds",
    "taken_from",
]

#: A hold, and what of which lot it has.
Held = tuple[Hold, list[tuple[Lot, int]]]

_LOT = """l.id, l.account_id, l.member_id, l.currency_id, l.transaction_id, l.origin_id, l.earned_at, l.active_at,
    l.expires_at, l.original, l.remaining, l.pending, l.held"""
_LEFT = f"select {_LOT} from loyalty_lot l where l.member_id = $1 and l.spent = $2 and l.account_id = $3"
#: The lots of the account `a` with something left, as a JSON text; PostgreSQL's.
LOTS_LEFT = """(
    select coalesce(json_agg(json_build_array(
        l.id, l.transaction_id, l.origin_id, l.earned_at, l.active_at, l.expires_at, l.original, l.remaining, l.pending, l.held
    )), '[]') from loyalty_lot l where l.member_id = a.member_id and not l.spent and l.account_id = a.id
)"""
_LotLeft = tuple[UUID, UUID, UUID | None, datetime, datetime | None, datetime | None, int, int, int, int]
_decode = msgspec.json.Decoder(list[_LotLeft]).decode
_LINE = f"""
    with recursive line as (
        select id from loyalty_lot where transaction_id = $1
        union select l.id from loyalty_lot l join line on l.origin_id = line.id
    )
    select {_LOT} from loyalty_lot l where l.id in (select id from line)
"""
_HOLD = """
    select id, account_id, member_id, currency_id, points, expires_at, captured, state, ended_at from loyalty_hold
"""
_HELD = f"""
    select m.hold_id, sum(m.amount) as amount, {_LOT} from loyalty_lot l join loyalty_lot_move m on m.lot_id = l.id
    where l.member_id = $1 and l.spent = $2 and l.account_id = $3 and l.held > 0 and m.bucket = 'HELD'
    group by m.hold_id, {_LOT} having sum(m.amount) > 0
"""
_TAKEN = f"""
    select m.amount, {_LOT} from loyalty_lot_move m join loyalty_lot l on l.id = m.lot_id
    where m.transaction_id = $1 and (m.bucket = $2 and m.amount < 0 or $2 = 'HELD' and m.bucket = 'AVAILABLE' and m.amount > 0)
    order by m.id
"""
# The order does not matter: what goes back to lots that are still there is told apart from what came into new ones.
_RETURNED = """
    select l.origin_id, l.id, m.amount from loyalty_transaction t
    join loyalty_lot_move m on m.transaction_id = t.id join loyalty_lot l on l.id = m.lot_id
    where t.reverses_id = $1 and t.kind = 'REVERSAL' and m.bucket = 'AVAILABLE' and m.amount > 0
    union all
    select l.origin_id, l.id, l.original from loyalty_transaction t join loyalty_lot l on l.transaction_id = t.id
    where t.reverses_id = $1 and t.kind = 'REVERSAL' and l.came_as = 'AVAILABLE'
"""


async def lots_left(work: Work, account: Account) -> list[Lot]:
    """Return the lots of an account with something left."""
    return [_lot(row) for row in await work.rows(_LEFT, account.member_id, False, account.id)]


async def lots_to_spend(work: Work, ground: Ground) -> list[Lot]:
    """Return the lots of an account with something left: those that were read with it, if they are still the same."""
    account = ground.account
    if ground.lots is None:
        return await lots_left(work, account)
    return [Lot(one[0], account.id, account.member_id, account.currency_id, *one[1:]) for one in _decode(ground.lots)]


async def lots_by_id(work: Work, wanted: Iterable[UUID]) -> dict[UUID, Lot]:
    """Return some lots."""
    sql = f"select {_LOT} from loyalty_lot l where {among(work.database.dialect, 'l.id', 1)}"
    return {row["id"]: _lot(row) for row in await work.rows(sql, list(wanted))}


async def line_of(work: Work, transaction_id: UUID) -> set[UUID]:
    """Return the ids of the lots that a transaction made, and of all that parts of these went into."""
    return {row["id"] for row in await work.rows(_LINE, transaction_id)}


async def hold_of(work: Work, id: UUID) -> Hold:
    """Return a hold.

    Raises:

        NotFound: there is none.
    """
    rows = await work.rows(f"{_HOLD} where id = $1", id)
    if not rows:
        msg = f"There is no loyalty hold {ids.encode('loyalty_hold', id)}, or you may not see it."
        raise errors.NotFound(msg)
    return _hold(rows[0])


async def held(work: Work, account: Account) -> dict[UUID, list[tuple[Lot, int]]]:
    """Return what of which lot the open holds of an account have; lots that several share are one object."""
    lots: dict[UUID, Lot] = {}
    found: dict[UUID, list[tuple[Lot, int]]] = {}
    for row in await work.rows(_HELD, account.member_id, False, account.id):
        lot = lots.setdefault(row["id"], _lot(row))
        found.setdefault(row["hold_id"], []).append((lot, int(row["amount"])))
    return found


async def open_holds(work: Work, account: Account, lots: Iterable[Lot]) -> dict[UUID, Held]:
    """Return the open holds of an account with what of which of these lots each has."""
    by_id = {lot.id: lot for lot in lots}
    parts = await held(work, account)
    rows = await work.rows(f"{_HOLD} where account_id = $1 and state = 'OPEN' order by id", account.id)
    holds = map(_hold, rows)
    return {hold.id: (hold, [(by_id[lot.id], n) for lot, n in parts.get(hold.id, [])]) for hold in holds}


async def taken_from(work: Work, transaction_id: UUID, bucket: str) -> list[tuple[Lot, int]]:
    """Return what a transaction took of which lots and no reversal has given back, in the order it was taken."""
    taken: dict[UUID, list[Any]] = {}
    for row in await work.rows(_TAKEN, transaction_id, bucket):
        taken.setdefault(row["id"], [_lot(row), 0])[1] -= row["amount"]
    for row in await work.rows(_RETURNED, transaction_id):
        # What came into a new lot counts for the lot whose points they were.
        origin = row["id"] if row["id"] in taken else row["origin_id"]
        taken[origin][1] -= row["amount"]
    return [(lot, left) for lot, left in taken.values() if left > 0]


def _lot(row: Mapping[str, Any]) -> Lot:
    return Lot(
        row["id"],
        row["account_id"],
        row["member_id"],
        row["currency_id"],
        row["transaction_id"],
        row["origin_id"],
        row["earned_at"],
        row["active_at"],
        row["expires_at"],
        row["original"],
        row["remaining"],
        row["pending"],
        row["held"],
    )


def _hold(row: Mapping[str, Any]) -> Hold:
    return Hold(
        row["id"],
        row["account_id"],
        row["member_id"],
        row["currency_id"],
        row["points"],
        row["expires_at"],
        row["captured"],
        getattr(LoyaltyHoldState, row["state"]),
        row["ended_at"],
    )
