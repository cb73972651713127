"""Waiting until everything that follows from the last change has happened, or had time enough to."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Sequence
from contextlib import closing
from time import monotonic
from typing import Any

import asyncpg

from tests.faults.evidence import DONE
from tests.faults.witnesses import Witnesses

__all__ = ["settle"]

_LAST = "select id from crm_event order by era desc, transaction_id desc, position desc limit 1"
#: Jobs of the test and of webhooks that have not ended; schedules of the core always have one waiting.
_OPEN = f"select count(*) from crm_job where state < {DONE} and (name like 'faults.%' or name like 'webhooks.deliver%')"
_BEHIND = "select count(*) from crm_webhook_delivery where state = 'WAITING'"


async def settle(url: str, witnesses: Witnesses, patience: float) -> str | None:
    """Wait until it is quiet, so many seconds at most; what it waited for in vain, if it is not."""
    end = monotonic() + patience
    calm = 0
    missing: list[str] = []
    while monotonic() < end:
        ((last,), (open_jobs,), (deliveries,)) = await _ask(url, (_LAST, _OPEN, _BEHIND))
        missing = [f"{name} at {heard}" for name, heard in witnesses.lasts().items() if heard != str(last)]
        missing += [f"{open_jobs} jobs"] * bool(open_jobs) + [f"{deliveries} deliveries"] * bool(deliveries)
        # A dispatcher may be about to put deliveries: quiet is what stays quiet.
        calm = 0 if missing else calm + 1
        if calm == 4:
            return None
        await asyncio.sleep(0.3)
    return f"not at rest {patience:g} s after the last change: {', '.join(missing)}"


async def _ask(url: str, queries: Sequence[str]) -> list[Any]:
    if url.startswith("sqlite"):
        with closing(sqlite3.connect(url.removeprefix("sqlite:///"), timeout=5)) as connection:
            return [connection.execute(sql).fetchone() for sql in queries]
    connection = await asyncpg.connect(url, timeout=10)
    try:
        return [await connection.fetchrow(sql) for sql in queries]
    finally:
        await connection.close()
