"""What rules see of members."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from crmcore import Row, Work
from crmcore_loyalty.earning.facts import Facts
from crmcore_loyalty.sets import as_uuid, members_of
from crmcore_loyalty.tables.program import LoyaltyMemberStatus
from crmcore_loyalty.tables.rule_terms import LoyaltyRuleTrigger as Trigger

__all__ = ["facts", "facts_of", "tiers_of"]


async def tiers_of(work: Work, member_ids: Iterable[UUID]) -> dict[UUID, list[str]]:
    """Return the codes of members' tiers, by one statement."""
    wanted = list(member_ids)
    rows = await work.database.fetch(
        "select s.member_id, t.code from loyalty_standing s join loyalty_tier t on t.id = s.tier_id "
        f"where s.member_id in ({members_of(work.database.dialect, 1)}) order by t.code",
        wanted,
    )
    found: dict[UUID, list[str]] = {member: [] for member in wanted}
    for member, code in rows:
        found[as_uuid(member)].append(code)
    return found


async def facts_of(
    work: Work, program: Row, member: Row, triggers: Iterable[Trigger], at: datetime, **more: Any
) -> Facts:
    """Return what rules see of something that a member did."""
    tiers = await tiers_of(work, [member["id"]])
    referrer_id = await _referrer(work, member)
    return facts(program, member, triggers, at, member_tiers=tiers[member["id"]], referrer_id=referrer_id, **more)


def facts(program: Row, member: Row, triggers: Iterable[Trigger], at: datetime, **more: Any) -> Facts:
    """Put together what was read."""
    zone = ZoneInfo(program["timezone"])
    days = (at.astimezone(zone).date() - member["enrolled_at"].astimezone(zone).date()).days
    return Facts(triggers=frozenset(triggers), at=at, zone=zone, member_id=member["id"], member_days=days, **more)


async def _referrer(work: Work, member: Row) -> UUID | None:
    """Return who brought a member, or as whom that one went on; nobody, if they have left."""
    id: UUID | None = member["referrer_id"]
    for _ in range(10):
        if id is None:
            return None
        found = await work.find("loyalty_member", id=id)
        if not found or found[0]["status"] != LoyaltyMemberStatus.MERGED.name:
            there = bool(found) and found[0]["status"] != LoyaltyMemberStatus.CLOSED.name
            return id if there else None
        id = found[0]["merged_into_id"]
    return None
