"""Rewards that were set aside and not paid for in time are offered to others again."""

from __future__ import annotations

from uuid import UUID

from crmcore import Run, Schedule, Work, job
from crmcore_loyalty.rewards import taking_back
from crmcore_loyalty.settings import LoyaltySettings

__all__ = ["SCHEDULE", "lapse_rewards"]

_LAPSED = """
    select o.id from loyalty_reward_purchase o join loyalty_hold h on h.id = o.hold_id
    where o.status = 'RESERVED' and h.state in ('EXPIRED', 'VOIDED') order by o.placed_at, o.id limit $1
"""


@job(at_once=1)
async def lapse_rewards(run: Run) -> None:
    """Give up the orders whose points are not set aside any more."""

    async def unit(work: Work) -> bool:
        found = await work.rows(_LAPSED, work.settings[LoyaltySettings].sweep_size)
        for row in found:
            await taking_back.lapse(work, UUID(str(row["id"])))
        return bool(found)

    while await run.work(unit, isolation="read committed"):
        pass


SCHEDULE = Schedule(lapse_rewards(), cron="*/5 * * * *")
