"""Transactions are undone: what was spent comes back to the lots it came from, what was earned is clawed back."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime, timedelta
from uuid import UUID

from crmcore_loyalty.ledger.coming import inherit
from crmcore_loyalty.ledger.plan import Plan
from crmcore_loyalty.ledger.state import Account, Lot, fifo, take
from crmcore_loyalty.tables.ledger import LoyaltyBucket, LoyaltyHouse

__all__ = ["claw_back", "give_back"]


def claw_back(
    plan: Plan,
    account: Account,
    own: Sequence[Lot],
    others: Iterable[Lot],
    points: int,
    *,
    floor: int,
    house: LoyaltyHouse,
) -> int:
    """Take back points that were earned: from the lot they are in, then from others, then down to the floor.

    Args:

        plan: the transaction.
        account: whose points.
        own: lots that hold what was earned; what is pending of them goes first.
        others: the account's other lots.
        points: how many.
        floor: how far what can be spent may go below zero, as a number not above zero.
        house: which of our accounts gave them.

    Returns:

        How many were taken; fewer than `points` where the floor is reached.
    """
    own, rest = fifo(own), points
    sources = (
        (own, LoyaltyBucket.PENDING, [lot.pending for lot in own]),
        (own, LoyaltyBucket.AVAILABLE, [lot.remaining for lot in own]),
        (ordered := fifo(others), LoyaltyBucket.AVAILABLE, [lot.remaining for lot in ordered]),
    )
    available = account.available
    for lots, bucket, there in sources:
        for lot, amount in take(zip(lots, there, strict=True), rest):
            plan.move(account, lot, bucket, -amount)
            rest -= amount
            available -= amount if bucket is LoyaltyBucket.AVAILABLE else 0
    if (owed := min(rest, max(0, available - floor))) > 0:
        plan.owe(account, owed)
        rest -= owed
    plan.house(house, points - rest)
    plan.touch(account)
    return points - rest


def give_back(
    plan: Plan,
    account: Account,
    taken: Iterable[tuple[Lot, int]],
    points: int,
    *,
    restore_days: int,
    house: LoyaltyHouse,
    new_id: Callable[[], UUID],
) -> None:
    """Give points that were spent back to the lots they were taken from, in the order they were.

    A lot that has expired meanwhile, or went into another account by a merge, is not brought back to life: its points come
    into a new lot that knows where it came from.

    Args:

        plan: the transaction.
        account: whose points.
        taken: what was taken of each lot and not given back yet.
        points: how many.
        restore_days: days that points of expired lots live on; 0 leaves them to the next sweep.
        house: which of our accounts took them.
        new_id: makes ids of lots.
    """
    now = plan.transaction.recorded_at
    lots = []
    for lot, amount in take(taken, points):
        renewed = restore_days > 0 and lot.expired(now)
        if renewed or lot.account_id != account.id:
            expires_at = now + timedelta(days=restore_days) if renewed else lot.expires_at
            lot = _revived(plan, account, new_id(), lot, amount, expires_at)  # noqa: PLW2901 - it goes there instead
        plan.move(account, lot, LoyaltyBucket.AVAILABLE, amount)
        lots.append(lot)
    plan.house(house, -points)
    plan.settle(account, lots)


def _revived(plan: Plan, account: Account, id: UUID, lot: Lot, points: int, expires_at: datetime | None) -> Lot:
    return inherit(plan, account, id, lot, points, expires_at=expires_at)
