"""Ended deliveries stay in the log for a while, then they are swept away in small batches."""

from __future__ import annotations

from typing import TYPE_CHECKING

from crmcore import clock
from crmcore.jobs.job import job
from crmcore.webhooks.running import running_on

if TYPE_CHECKING:
    from crmcore.jobs.run import Run

__all__ = ["sweep_deliveries"]

_BATCH = 500
_SWEEP = (
    "delete from crm_webhook_delivery where id in ("
    f"select id from crm_webhook_delivery where state <> 'WAITING' and updated_at < $1 limit {_BATCH})"
)


@job(retries=3, at_once=1)
async def sweep_deliveries(run: Run) -> None:
    """Remove deliveries that ended long ago."""
    database = run.crm.database
    before = clock.now() - running_on(database).settings.kept
    while await database.execute(_SWEEP, before) == _BATCH:
        pass
