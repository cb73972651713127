"""The change feed as a plugin: it has tables of its own, which only SQL knows, and looks at its start whose transactions it counts."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from crmcore.events.retention import sweep_feed
from crmcore.events.state import settle_era
from crmcore.hookspecs import hookimpl
from crmcore.jobs.job import Job
from crmcore.jobs.schedule import Schedule

if TYPE_CHECKING:
    from crmcore.app import Crm


@hookimpl
def crm_migrations() -> Path:
    """Give the folder beside this file."""
    return Path(__file__).with_name("migrations")


@hookimpl
def crm_jobs() -> Iterable[Job[Any] | Schedule]:
    """Give the job that removes old events, and have it done every hour."""
    return [sweep_feed, Schedule(sweep_feed(), every=timedelta(hours=1))]


@hookimpl
async def crm_startup(crm: Crm) -> None:
    """Begin a new era of the feed if the database came from another server."""
    await crm.database.retrying(lambda: settle_era(crm.database))
