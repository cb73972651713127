"""A table in slices of its ids: each statement looks at so many rows, however many there are."""

from __future__ import annotations

from collections.abc import AsyncIterator
from uuid import UUID

from crmcore import Database
from crmcore_loyalty.verify.check import Over

__all__ = ["SLICE", "slices"]

#: Rows of a slice, as far as its statement's table is concerned.
SLICE = 5_000

_FIRST, _LAST = UUID(int=0), UUID(int=2**128 - 1)
_TABLES: dict[Over, str] = {
    "transaction": "loyalty_transaction",
    "account": "loyalty_account",
    "lot": "loyalty_lot",
    "hold": "loyalty_hold",
    "entry": "loyalty_entry",
    "move": "loyalty_lot_move",
}


async def slices(database: Database, over: Over, size: int = SLICE) -> AsyncIterator[tuple[UUID, UUID]]:
    """Give pairs of ids: rows above the first, up to and with the second, are a slice; together they are everything.

    What is written meanwhile is in the slice where it belongs, or in none if that one was looked at.
    """
    if over == "currency":
        yield _FIRST, _LAST
        return
    sql = f"select id from {_TABLES[over]} where id > $1 order by id limit 1 offset $2"
    low = _FIRST
    while low < _LAST:
        found = await database.fetch_value(sql, low, size - 1)
        high = UUID(str(found)) if found is not None else _LAST
        yield low, high
        low = high
