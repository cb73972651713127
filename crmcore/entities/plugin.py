"""What the core itself keeps in the database: outcomes of requests with an idempotency key, and totals in good order."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary

from piccolo.table import Table

from crmcore.database.schema import declared_totals
from crmcore.entities.folding import Folding
from crmcore.entities.forgetting import forget_keys
from crmcore.entities.idempotency import IdempotencyKey
from crmcore.hookspecs import hookimpl
from crmcore.jobs.job import Job
from crmcore.jobs.schedule import Schedule

if TYPE_CHECKING:
    from crmcore.app import Crm

_running: WeakKeyDictionary[Crm, Folding] = WeakKeyDictionary()


@hookimpl
def crm_tables() -> Iterable[type[Table]]:
    """Give the table of idempotency keys."""
    return [IdempotencyKey]


@hookimpl
def crm_migrations() -> Path:
    """Give the folder beside this file."""
    return Path(__file__).with_name("migrations")


@hookimpl
def crm_jobs() -> Iterable[Job[Any] | Schedule]:
    """Give the job that forgets idempotency keys, and have it done every hour."""
    return [forget_keys, Schedule(forget_keys(), every=timedelta(hours=1))]


@hookimpl
async def crm_startup(crm: Crm) -> None:
    """Begin to fold totals where they grow."""
    totals = [kept for entity in crm.entities.values() for kept in declared_totals(entity.table)]
    if totals and crm.database.dialect == "postgresql":
        _running[crm] = folding = Folding(crm.database, totals)
        folding.start()


@hookimpl
async def crm_shutdown(crm: Crm) -> None:
    """End it."""
    if (folding := _running.pop(crm, None)) is not None:
        await folding.stop()
