"""Points are calculated as binary fractions: 29 of them become 28.999999999999996, which is 28."""

from __future__ import annotations

from typing import Any

from crmcore_loyalty.ledger import accruing, coming


def plant() -> None:
    """Earn by a rate of a hundredth."""
    earn = coming.earn

    def imprecise(plan: Any, account: Any, lot_id: Any, points: int, **more: Any) -> None:
        earn(plan, account, lot_id, max(1, int(points / 100 * 100)), **more)

    accruing.earn = imprecise
