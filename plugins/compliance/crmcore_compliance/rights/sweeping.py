"""What ends by time: packages, holds that were to end, and requests of which nobody proved to be theirs."""

from __future__ import annotations

from datetime import timedelta

from crmcore import Crm, Run, Schedule, Work, clock, job
from crmcore_compliance.rights.holding import go_on
from crmcore_compliance.rights.processing import ACTOR
from crmcore_compliance.rights.records import alter
from crmcore_compliance.settings import ComplianceSettings
from crmcore_compliance.tables.requests import ComplianceRequestStatus as Status

__all__ = ["JOBS", "sweep"]

_STALE = """
    select id from compliance_request where status in ($1, $2) and received_at < $3 and deleted_at is null order by id
"""


async def sweep(crm: Crm) -> None:
    """Remove packages whose time is over, let requests expire, and have those go on whose hold has ended."""
    await crm.database.execute("delete from compliance_package where expires_at <= $1", clock.now())
    await crm.run(ACTOR, lambda work: _expire(crm, work))
    await crm.run(ACTOR, go_on)


async def _expire(crm: Crm, work: Work) -> None:
    before = work.now - timedelta(days=crm.settings[ComplianceSettings].identity_days)
    asked = (Status.IDENTITY_UNVERIFIED.name, Status.REQUIRES_INPUT.name, before)
    for (request_id,) in await work.database.fetch(_STALE, *asked):
        request = await work.get("compliance_request", request_id, action="update")
        await alter(work, "compliance_request", request, {"status": Status.EXPIRED.name})


@job(at_once=1)
async def sweep_requests(run: Run) -> None:
    """See `sweep`."""
    await sweep(run.crm)


JOBS = (sweep_requests, Schedule(sweep_requests(), cron="41 * * * *"))
