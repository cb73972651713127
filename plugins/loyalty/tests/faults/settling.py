"""Waiting until time has done all that was due, or had time enough to."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from time import monotonic

import asyncpg

from faults.evidence import execute
from faults.warp import Warp

__all__ = ["settle"]

_DUE = """
    select (select count(*) from loyalty_lot where remaining > 0 and expires_at <= '{now}') as lots,
        (select count(*) from loyalty_lot where pending > 0 and active_at <= '{now}') as pending,
        (select count(*) from loyalty_hold where state = 'OPEN' and expires_at <= '{now}') as holds
"""


async def settle(url: str, clock: Warp, now: str, patience: float) -> str | None:
    """Wait until nothing is due that was due at an instant, so many seconds at most; return what still is, if anything."""
    # Points that came back to a lot after it had expired wait for the next hour's sweep.
    clock.set(clock.now() + timedelta(minutes=61))
    end = monotonic() + patience
    found: dict[str, int] = {}
    while monotonic() < end:
        try:
            (row,) = await execute(url, _DUE.format(now=now))
        except (OSError, asyncpg.PostgresError):
            await asyncio.sleep(0.5)
            continue
        found = {name: count for name, count in row.items() if count}
        if not found:
            return None
        await asyncio.sleep(0.3)
    return f"still due {patience:g} s after the last change: {found}"
