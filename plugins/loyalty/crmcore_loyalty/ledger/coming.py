"""Points come: earned, added by hand, active at last."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from crmcore_loyalty.ledger.plan import Impossible, Plan
from crmcore_loyalty.ledger.state import Account, Lot, take
from crmcore_loyalty.tables.ledger import LoyaltyBucket, LoyaltyHouse

__all__ = ["activate", "cancel", "earn", "inherit"]


def earn(
    plan: Plan,
    account: Account,
    lot_id: UUID,
    points: int,
    *,
    active_at: datetime | None,
    expires_at: datetime | None,
    house: LoyaltyHouse,
) -> None:
    """Make a lot of new points; what the account owes is paid from it at once, if it can be spent."""
    done = plan.transaction
    lot = plan.new(
        Lot(
            lot_id,
            account.id,
            account.member_id,
            account.currency_id,
            done.id,
            None,
            done.event_at,
            active_at,
            expires_at,
            points,
        )
    )
    waits = active_at is None or active_at > done.recorded_at
    plan.move(account, lot, LoyaltyBucket.PENDING if waits else LoyaltyBucket.AVAILABLE, points)
    plan.house(house, -points)
    plan.settle(account, [lot])


def inherit(
    plan: Plan, account: Account, lot_id: UUID, origin: Lot, points: int, *, expires_at: datetime | None
) -> Lot:
    """Make a lot for points that were part of another one, in whatever account."""
    return plan.new(
        Lot(
            lot_id,
            account.id,
            account.member_id,
            account.currency_id,
            plan.transaction.id,
            origin.id,
            origin.earned_at,
            origin.active_at,
            expires_at,
            points,
        )
    )


def activate(plan: Plan, account: Account, lots: Sequence[Lot]) -> int:
    """Let all that is pending of some lots be spent; return how many points that is."""
    points = 0
    for lot in lots:
        waiting = lot.pending
        plan.move(account, lot, LoyaltyBucket.PENDING, -waiting)
        plan.move(account, lot, LoyaltyBucket.AVAILABLE, waiting)
        points += waiting
    plan.settle(account, lots)
    return points


def cancel(plan: Plan, account: Account, lots: Sequence[Lot], points: int, house: LoyaltyHouse) -> None:
    """Say that so many pending points of some lots will not come.

    Raises:

        Impossible: fewer are pending.
    """
    there = sum(lot.pending for lot in lots)
    if points > there:
        msg = f"{there} points of this transaction are pending, not {points}; cancel no more than that."
        raise Impossible("MORE_THAN_LEFT", msg)
    for lot, amount in take(((lot, lot.pending) for lot in lots), points):
        plan.move(account, lot, LoyaltyBucket.PENDING, -amount)
    plan.house(house, points)
    account.accrued -= points
