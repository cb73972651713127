"""Members who are erased: points lapse, the membership ends, and the ledger goes on without leading to anybody."""

from __future__ import annotations

from typing import TYPE_CHECKING

from crmcore import subjects
from crmcore_loyalty.program.leaving import close, cut_off
from crmcore_loyalty.tables.program import LoyaltyMemberStatus

if TYPE_CHECKING:
    from crmcore import Work

__all__ = ["forget"]

_WHY = "Points lapse and the membership ends; the ledger is kept as books are, and leads to nobody."
_LIVE = (LoyaltyMemberStatus.ACTIVE.name, LoyaltyMemberStatus.FROZEN.name)


async def forget(work: Work, subject: subjects.Subject) -> list[subjects.Erasure]:
    """End all memberships of a person, and let none of them lead to the person any more."""
    members = [member for id in subject.ids for member in await work.find("loyalty_member", customer_id=id)]
    for member in members:
        now = member
        if member["status"] in _LIVE:
            now = await close(work, member["id"], "The person was erased.")
        await cut_off(work, now)
    return [subjects.Erasure("loyalty_member", subjects.Fate.ANONYMISED, len(members), _WHY)] if members else []
