"""Taking from what there is only so much of, so that no two get the last one."""

from __future__ import annotations

from uuid import UUID

from crmcore import Work

__all__ = ["give_back", "take"]

# One statement looks and takes: whoever waits for the row sees what the one before has left.
_TAKE = """
    insert into loyalty_stock (id, taken) values ($1, $2)
    on conflict (id) do update set taken = loyalty_stock.taken + excluded.taken
    where loyalty_stock.taken + excluded.taken <= $3
"""
_ENDLESS = 2**31 - 1


async def take(work: Work, id: UUID, quantity: int, of: int | None) -> bool:
    """Take some of what there are `of` (endless if None); False if so many are not left.

    The row stays locked until the end of the transaction, so take last what many want.
    """
    most = _ENDLESS if of is None else of
    return quantity <= most and await work.database.execute(_TAKE, id, quantity, most) == 1


async def give_back(work: Work, id: UUID, quantity: int) -> None:
    """Give some back."""
    await work.database.execute("update loyalty_stock set taken = taken - $2 where id = $1", id, quantity)
