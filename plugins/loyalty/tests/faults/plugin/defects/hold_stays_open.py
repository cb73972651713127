"""A hold that is captured is not ended: it can be captured again, and runs out later."""

from __future__ import annotations

from typing import Any

from crmcore_loyalty.ledger import going
from crmcore_loyalty.tables.ledger import LoyaltyHoldState


def plant() -> None:
    """End only what is given back."""
    end = going._end

    def forget(plan: Any, hold: Any, state: LoyaltyHoldState, captured: int) -> None:
        if state is not LoyaltyHoldState.CAPTURED:
            end(plan, hold, state, captured)

    going._end = forget
