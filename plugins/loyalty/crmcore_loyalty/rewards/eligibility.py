"""Whether a member may have something: program, status, dates, tier."""

from __future__ import annotations

from uuid import UUID

from crmcore import Row, Work
from crmcore_loyalty.rewards.declined import declined
from crmcore_loyalty.tables.program import LoyaltyMemberStatus, LoyaltyProgramStatus

__all__ = ["check_member", "check_offer"]

_STANDS = """
    select 1 from loyalty_standing s
    join loyalty_tier asked on asked.id = $2 and asked.group_id = s.group_id
    join loyalty_tier has on has.id = s.tier_id and has.rank >= asked.rank
    where s.member_id = $1
"""


async def check_member(work: Work, member: Row, program_id: UUID, tier_id: UUID | None) -> None:
    """See whether a member is of the program, takes part, and stands high enough.

    Raises:

        Declined: no.
    """
    if member["program_id"] != program_id:
        raise declined("memberId", "OTHER_PROGRAM", "This member takes part in another program.")
    if member["status"] == LoyaltyMemberStatus.FROZEN.name:
        raise declined("memberId", "MEMBER_FROZEN", "This member is frozen until somebody has looked at it.")
    if member["status"] != LoyaltyMemberStatus.ACTIVE.name:
        raise declined("memberId", "MEMBER_NOT_ACTIVE", "This member has left the program.")
    if tier_id is not None and not await work.rows(_STANDS, member["id"], tier_id):
        raise declined("memberId", "TIER_TOO_LOW", "This is for members of a higher tier.")


async def check_offer(work: Work, reward: Row) -> None:
    """See whether a reward is offered now.

    Raises:

        Declined: no.
    """
    (program,) = await work.find("loyalty_program", id=reward["program_id"])
    if program["status"] == LoyaltyProgramStatus.DRAFT.name:
        raise declined("rewardId", "PROGRAM_NOT_ACTIVE", "This program has not begun.")
    start, end = reward["valid_from"], reward["valid_until"]
    if not reward["active"] or (start and work.now < start) or (end and work.now >= end):
        raise declined("rewardId", "NOT_OFFERED", "This reward is not offered now.")
