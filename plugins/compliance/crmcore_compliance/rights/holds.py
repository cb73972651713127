"""Who is under a legal hold at the moment."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from uuid import UUID

from crmcore import Database

__all__ = ["held", "standing"]

_STANDING = """
    select customer_id, everybody, reason from compliance_hold
    where released_at is null and deleted_at is null and placed_at <= $1 and (until is null or until > $1)
    order by placed_at, id
"""


async def standing(database: Database, now: datetime) -> tuple[bool, Collection[UUID]]:
    """Return whether a hold stands for everybody, and the customers for whom one stands."""
    rows = await database.fetch(_STANDING, now)
    return any(everybody for _, everybody, _ in rows), {id for id, _, _ in rows if id is not None}


async def held(database: Database, customers: Sequence[UUID], now: datetime) -> str | None:
    """Return why customers may not be erased now; None if nothing stands in the way."""
    for id, everybody, reason in await database.fetch(_STANDING, now):
        if everybody or id in customers:
            return str(reason)
    return None
