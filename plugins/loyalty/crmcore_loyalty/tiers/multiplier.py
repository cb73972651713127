"""How much more members earn for their tier, which earning asks for with every award."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from uuid import UUID

from crmcore import Work
from crmcore_loyalty.sets import among, as_uuid

__all__ = ["multiplier", "multipliers"]

_USUAL = Decimal(1)


async def multiplier(work: Work, member_id: UUID) -> Decimal:
    """Return by how much what a member earns is multiplied: the highest of their tiers, 1 without one."""
    return (await multipliers(work, [member_id]))[member_id]


async def multipliers(work: Work, member_ids: Iterable[UUID]) -> dict[UUID, Decimal]:
    """Return the same for many members, by one statement."""
    wanted = list(member_ids)
    rows = await work.database.fetch(
        "select s.member_id, max(t.earn_percent) from loyalty_standing s join loyalty_tier t on t.id = s.tier_id "
        "join loyalty_tier_group g on g.id = s.group_id and g.deleted_at is null "
        f"where {among(work.database.dialect, 's.member_id', 1)} group by s.member_id",
        wanted,
    )
    found = {as_uuid(member): Decimal(percent) / 100 for member, percent in rows}
    return {member: found.get(member, _USUAL) for member in wanted}
