"""Members who wait for a place are called up when there are more places."""

from __future__ import annotations

from crmcore import Work
from crmcore_loyalty.rewards import occasions
from crmcore_loyalty.rewards.events import LoyaltyEventUpdated
from crmcore_loyalty.rewards.written import locked

__all__ = ["fill_places"]


async def fill_places(work: Work, event: LoyaltyEventUpdated) -> None:
    """Fill what has become free."""
    if "capacity" in event.changed or "cancelled" in event.changed:
        occasion = await locked(work, "loyalty_event", event.record_id)
        if occasion is not None:
            await occasions.call_up(work, occasion)
