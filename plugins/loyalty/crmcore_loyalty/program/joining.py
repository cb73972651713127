"""Programs that everybody joins, or everybody who orders."""

from __future__ import annotations

from uuid import UUID

from crmcore import Created, Run, Work, job
from crmcore_loyalty.program.enrolling import enrol
from crmcore_loyalty.tables.program import LoyaltyJoinPolicy, LoyaltyProgramStatus

__all__ = ["join", "join_everybody"]


async def join_everybody(work: Work, event: Created) -> None:
    """Have a new customer enrolled where everybody is; what it costs, the one who makes customers does not wait for."""
    if await work.find(
        "loyalty_program", join_policy=LoyaltyJoinPolicy.EVERYBODY.name, status=LoyaltyProgramStatus.ACTIVE.name
    ):
        await work.put(join(customer_id=event.record_id))


@job(retries=10)
async def join(run: Run, customer_id: UUID) -> None:
    """Enrol a customer in the programs that everybody joins."""
    await run.finish(lambda work: _join(work, customer_id), isolation="read committed")


async def _join(work: Work, customer_id: UUID) -> None:
    for program in await work.find(
        "loyalty_program", join_policy=LoyaltyJoinPolicy.EVERYBODY.name, status=LoyaltyProgramStatus.ACTIVE.name
    ):
        if found := await work.find("customer", id=customer_id):
            await enrol(work, program["id"], customer_id, enrolled_at=found[0]["created_at"])
