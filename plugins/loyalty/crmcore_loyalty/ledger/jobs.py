"""The sweeps as jobs: pending points and holds every few minutes, expiry each hour, since days end at all hours."""

from __future__ import annotations

from crmcore import Run, Schedule, job
from crmcore_loyalty.ledger import sweeps

__all__ = ["JOBS"]


@job()
async def settle_due(run: Run) -> None:
    """Let pending points be spent, and points set aside be free again, whose time has come."""
    await sweeps.activate_due(run.crm)
    await sweeps.release_due(run.crm)


@job()
async def expire_points(run: Run) -> None:
    """Let points expire whose time has come; what is pending until before then becomes active first."""
    await sweeps.activate_due(run.crm)
    await sweeps.expire_due(run.crm)


JOBS = (
    settle_due,
    expire_points,
    Schedule(settle_due(), cron="*/5 * * * *"),
    Schedule(expire_points(), cron="1 * * * *"),
)
