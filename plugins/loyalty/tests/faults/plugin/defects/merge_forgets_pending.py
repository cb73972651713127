"""Members become one, and what one of them had pending stays behind."""

from __future__ import annotations

from typing import Any

from crmcore_loyalty.ledger import closing


def plant() -> None:
    """Bring only what can be spent or is set aside."""
    merge = closing.moving.merge

    def partly(plan: Any, old: Any, new: Any, lots: Any, *given: Any, **more: Any) -> int:
        return merge(plan, old, new, [lot for lot in lots if not lot.pending], *given, **more)

    closing.moving.merge = partly
