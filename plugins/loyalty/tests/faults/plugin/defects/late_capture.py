"""A hold can be captured after its time has run out: nobody gives back what is set aside."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from crmcore_loyalty.ledger import holding, sweeps
from crmcore_loyalty.ledger.state import Hold

_FOR_EVER = timedelta(days=36500)


def plant() -> None:
    """Give holds more time while they are captured, and find none that is over."""
    assert "state = 'OPEN'" in sweeps._HELD
    sweeps._HELD = sweeps._HELD.replace("state = 'OPEN'", "state = 'NONE'")
    capture = holding.going.capture

    def late(plan: Any, account: Any, hold: Hold, *given: Any) -> None:
        ends, hold.expires_at = hold.expires_at, hold.expires_at + _FOR_EVER
        try:
            capture(plan, account, hold, *given)
        finally:
            hold.expires_at = ends

    holding.going.capture = late
