"""Lots are read before their account is locked: who waited spends what somebody else has spent meanwhile."""

from __future__ import annotations

import asyncio
from typing import Any

from crmcore_loyalty.ledger import lots, redeeming

#: Seconds between the two, as on a busy machine.
_BETWEEN = 0.03
_ACCOUNT = "select id from loyalty_account where member_id = $1 and currency_id = $2"


def plant() -> None:
    """Read first, lock then."""
    lock, read = redeeming.lock_to_spend, lots._lot

    async def late(work: Any, member_id: Any, currency_id: Any, transaction_id: Any) -> Any:
        rows = await work.rows(_ACCOUNT, member_id, currency_id)
        found = await work.rows(lots._LEFT, member_id, False, rows[0]["id"]) if rows else []
        await asyncio.sleep(_BETWEEN)
        ground = await lock(work, member_id, currency_id, transaction_id)
        _READ[id(ground.account)] = [read(row) for row in found]
        return ground

    async def stale(work: Any, ground: Any) -> Any:
        return _READ.pop(id(ground.account))

    redeeming.lock_to_spend = late  # type: ignore[assignment]
    redeeming.lots_to_spend = stale  # type: ignore[assignment]


_READ: dict[int, Any] = {}
