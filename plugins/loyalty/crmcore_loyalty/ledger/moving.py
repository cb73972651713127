"""Points go from one member to another: given, or all of them when two members become one."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from uuid import UUID

from crmcore_loyalty.ledger.coming import inherit
from crmcore_loyalty.ledger.going import pick
from crmcore_loyalty.ledger.plan import Plan
from crmcore_loyalty.ledger.state import Account, Hold, Lot, fifo
from crmcore_loyalty.tables.ledger import LoyaltyBucket

__all__ = ["merge", "transfer"]


def transfer(
    plan: Plan, giver: Account, taker: Account, lots: Iterable[Lot], points: int, *, new_id: Callable[[], UUID]
) -> None:
    """Give points away; they keep when they were earned and when they expire.

    Raises:

        Impossible: there are fewer points.
    """
    made = []
    for lot, amount in pick(giver, lots, points, plan.transaction.event_at):
        plan.move(giver, lot, LoyaltyBucket.AVAILABLE, -amount)
        twin = inherit(plan, taker, new_id(), lot, amount, expires_at=lot.expires_at)
        plan.move(taker, twin, LoyaltyBucket.AVAILABLE, amount)
        made.append(twin)
    plan.settle(taker, made)


def merge(
    plan: Plan,
    old: Account,
    new: Account,
    lots: Iterable[Lot],
    others: Iterable[Lot],
    holds: Mapping[UUID, tuple[Hold, list[tuple[Lot, int]]]],
    *,
    new_id: Callable[[], UUID],
) -> int:
    """Bring all points of an account into another, holds and debts too, and close it.

    Args:

        plan: the transaction.
        old: the account that goes.
        new: the account that stays.
        lots: of the old account, with something left.
        others: of the new account, with something left.
        holds: the open ones of the old account, with what of which lot each has.
        new_id: makes ids of lots.

    Returns:

        How many points went over.
    """
    twins: dict[UUID, Lot] = {}
    points = 0
    for lot in fifo(lots):
        there = lot.remaining, lot.pending, lot.held
        twin = twins[lot.id] = inherit(plan, new, new_id(), lot, sum(there), expires_at=lot.expires_at)
        points += sum(there)
        for bucket, amount in ((LoyaltyBucket.AVAILABLE, there[0]), (LoyaltyBucket.PENDING, there[1])):
            plan.move(old, lot, bucket, -amount)
            plan.move(new, twin, bucket, amount)
    for hold, parts in holds.values():
        for lot, amount in parts:
            plan.move(old, lot, LoyaltyBucket.HELD, -amount, hold.id)
            plan.move(new, twins[lot.id], LoyaltyBucket.HELD, amount, hold.id)
        hold.account_id, hold.member_id = new.id, new.member_id
        plan.holds.append(hold)
    owed = old.owed
    plan.owe(old, -owed)
    plan.owe(new, owed)
    plan.settle(new, [*twins.values(), *others])
    for total in ("accrued", "redeemed", "expired"):
        setattr(new, total, getattr(new, total) + getattr(old, total))
        setattr(old, total, 0)
    if old.expires_at is not None:
        new.expires_at = max(old.expires_at, new.expires_at or old.expires_at)
    plan.touch(old)
    plan.touch(new)
    old.closed, old.expires_at = True, None
    return points
