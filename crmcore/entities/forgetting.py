"""Idempotency keys are forgotten after the time that the setting gives them, a few at a time."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from crmcore import clock
from crmcore.database import Database
from crmcore.jobs.job import job

if TYPE_CHECKING:
    from crmcore.jobs.run import Run

__all__ = ["forget_keys", "forgotten"]

#: Keys that go in one transaction: nobody who writes waits for long.
_BATCH = 500
_FORGET = """
    delete from crm_idempotency_key where id in (
        select id from crm_idempotency_key where at < $1 order by at limit $2
    )
"""


@job(at_once=1, timeout=3600.0)
async def forget_keys(run: Run) -> None:
    """Forget idempotency keys that were used longer ago than the setting idempotency_days says."""
    await forgotten(run.crm.database, clock.now() - timedelta(days=run.crm.settings.idempotency_days))


async def forgotten(database: Database, until: datetime, batch: int = _BATCH) -> int:
    """Forget keys that were used before an instant; return how many there were."""
    removed, gone = 0, batch
    while gone == batch:
        gone = await database.retrying(lambda: database.execute(_FORGET, until, batch))
        removed += gone
    return removed
