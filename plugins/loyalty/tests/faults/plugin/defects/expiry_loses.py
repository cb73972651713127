"""Expiry empties lots and takes only what the account seems to have besides: the difference is lost, as `max(points - x, 0)` does."""

from __future__ import annotations

from typing import Any

from crmcore_loyalty.ledger import going
from crmcore_loyalty.tables.ledger import LoyaltyBucket, LoyaltyHouse


def plant() -> None:
    """Let half of each lot vanish without a trace."""

    def expire(plan: Any, account: Any, lots: Any, now: Any) -> int:
        points = 0
        for lot in lots:
            if lot.expired(now):
                for bucket, there in ((LoyaltyBucket.AVAILABLE, lot.remaining), (LoyaltyBucket.PENDING, lot.pending)):
                    plan.move(account, lot, bucket, -(there - there // 2))
                    points += there - there // 2
                lot.remaining = lot.pending = 0
        plan.house(LoyaltyHouse.EXPIRED, points)
        account.expired += points
        return points

    going.expire = expire
