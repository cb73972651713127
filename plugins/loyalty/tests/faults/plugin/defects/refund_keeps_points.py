"""What was earned by a sale that is undone is taken back only as far as it is still there, and nobody is told."""

from __future__ import annotations

from typing import Any

from crmcore_loyalty.ledger import reversing


def plant() -> None:
    """Never take from other lots, and say that all is well."""
    claw_back = reversing.claw_back

    def mild(plan: Any, account: Any, own: Any, others: Any, points: int, **more: Any) -> int:
        claw_back(plan, account, own, [], points, **{**more, "floor": account.available})
        return points

    reversing.claw_back = mild
