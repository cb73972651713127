"""Points that are given away get a new life: two friends keep theirs for ever."""

from __future__ import annotations

from typing import Any

from crmcore_loyalty.ledger import moving


def plant() -> None:
    """Forget when they expire."""
    inherit = moving.inherit

    def renewed(*given: Any, expires_at: Any) -> Any:
        return inherit(*given, expires_at=None)

    moving.inherit = renewed
