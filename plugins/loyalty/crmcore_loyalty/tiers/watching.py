"""Who waits for a tier to change is told."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from crmcore import Ref, live
from crmcore_loyalty.tiers.events import LoyaltyTierChanged

__all__ = ["loyalty_member_tier_changed"]


@live(LoyaltyTierChanged, since="0.1.0")
def loyalty_member_tier_changed(
    event: LoyaltyTierChanged,
    member_id: Annotated[UUID | None, Ref("loyalty_member"), "Only of this member; null for all."] = None,
) -> bool:
    """A member came into another loyalty tier."""
    return member_id is None or event.record_id == member_id
