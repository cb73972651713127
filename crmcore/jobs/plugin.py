"""Jobs as a plugin: their tables, which only SQL knows, and what people and the CRM itself do with them."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from crmcore.contributions import Permission
from crmcore.entities.action import Action
from crmcore.hookspecs import hookimpl
from crmcore.jobs.actions import cancel_job, replay_events, retry_job
from crmcore.jobs.job import Job
from crmcore.jobs.permissions import MANAGE
from crmcore.jobs.replay import replay
from crmcore.jobs.schedule import Schedule
from crmcore.jobs.sweep import sweep

if TYPE_CHECKING:
    from crmcore.app import Crm


@hookimpl
def crm_permissions() -> Iterable[Permission]:
    """Looking after jobs."""
    return [
        Permission(
            MANAGE,
            "See all jobs with what they were given, cancel them, have them done again, and have handlers told again of "
            "what happened.",
        )
    ]


@hookimpl
def crm_migrations() -> Path:
    """Give the folder beside this file."""
    return Path(__file__).with_name("migrations")


@hookimpl
def crm_actions() -> Iterable[Action[..., Any]]:
    """What people do with jobs."""
    return [cancel_job, retry_job, replay_events]


@hookimpl
def crm_jobs() -> Iterable[Job[Any] | Schedule]:
    """Telling handlers again, and removing jobs that ended long ago."""
    return [replay, sweep, Schedule(sweep(), every=timedelta(hours=1), missed="skip")]


@hookimpl
async def crm_shutdown(crm: Crm) -> None:
    """Write down how handlers did in this process."""
    await crm.health.write_down()
