"""Consent that was given for a time ends by itself; that it did is written down too."""

from __future__ import annotations

from functools import partial
from typing import Final
from uuid import UUID

from crmcore import Run, Schedule, Work, clock, job
from crmcore_compliance.consent.decision import Decision
from crmcore_compliance.consent.recording import record
from crmcore_compliance.tables.consent import ComplianceConsentKind

__all__ = ["EXPIRY", "expire_consents"]

_DUE: Final = """
    select c.customer_id, c.purpose_id from compliance_consent c
    join customer p on p.id = c.customer_id and p.deleted_at is null
    where c.status = 'GIVEN' and c.deleted_at is null and c.valid_until <= $1 order by c.valid_until, c.id limit 500
"""


@job(retries=10, at_once=1)
async def expire_consents(run: Run) -> None:
    """Write down what has expired; reads know it already, since they go by the instant."""
    while due := await run.crm.database.fetch(_DUE, clock.now()):
        for customer_id, purpose_id in due:
            await run.work(partial(_expire, customer_id=customer_id, purpose_id=purpose_id))
    await run.finish(_nothing)


async def _expire(work: Work, customer_id: UUID, purpose_id: UUID) -> None:
    (standing,) = await work.find("compliance_consent", customer_id=customer_id, purpose_id=purpose_id)
    if (
        standing["status"] != ComplianceConsentKind.GIVEN.name
        or not standing["valid_until"]
        or standing["valid_until"] > work.now
    ):
        return  # somebody decided meanwhile
    await record(
        work,
        Decision(
            customer_id=customer_id,
            purpose_id=purpose_id,
            kind=ComplianceConsentKind.EXPIRED,
            channel="time",
            occurred_at=standing["valid_until"],
        ),
    )


async def _nothing(_: Work) -> None:
    """All is written."""


#: Every hour: what is due is found by an index.
EXPIRY = Schedule(expire_consents(), cron="23 * * * *", zone="UTC")
