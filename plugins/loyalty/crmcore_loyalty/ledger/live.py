"""What clients hear of at once."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from crmcore import Ref, live
from crmcore_loyalty.events import LoyaltyPointsChanged

__all__ = ["loyalty_balance_changed"]


@live(LoyaltyPointsChanged, since="0.1.0")
def loyalty_balance_changed(
    event: LoyaltyPointsChanged,
    member_id: Annotated[UUID | None, Ref("loyalty_member"), "Only of this member; null for all."] = None,
) -> bool:
    """A member's points changed."""
    return member_id is None or event.record_id == member_id
