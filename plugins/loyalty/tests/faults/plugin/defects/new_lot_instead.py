"""What comes back comes as new points: it expires as if it had been earned today."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from crmcore_loyalty.ledger import reversing
from crmcore_loyalty.ledger.state import Lot
from crmcore_loyalty.tables.ledger import LoyaltyBucket


def plant() -> None:
    """Give back into one new lot, whatever was taken from where."""

    def give_back(plan: Any, account: Any, taken: Any, points: int, *, house: Any, new_id: Any, **_: Any) -> None:
        now, owner = plan.transaction.recorded_at, (account.id, account.member_id, account.currency_id)
        lot = plan.new(Lot(new_id(), *owner, plan.transaction.id, None, now, now, now + timedelta(days=30), points))
        plan.move(account, lot, LoyaltyBucket.AVAILABLE, points)
        plan.house(house, -points)
        plan.settle(account, [lot])

    reversing.give_back = give_back  # type: ignore[assignment]
