"""Points go: spent, set aside, captured or given back, expired, forfeited."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from uuid import UUID

from crmcore_loyalty.ledger.plan import Impossible, Plan
from crmcore_loyalty.ledger.state import Account, Hold, Lot, fifo, take
from crmcore_loyalty.tables.ledger import LoyaltyBucket, LoyaltyHoldState, LoyaltyHouse

__all__ = ["capture", "expire", "forfeit", "lapse", "pick", "release", "reserve", "spend"]


def pick(account: Account, lots: Iterable[Lot], points: int, at: datetime) -> list[tuple[Lot, int]]:
    """Choose what is spent first, of what had not expired at the time it happened.

    Raises:

        Impossible: there are fewer points.
    """
    usable = [lot for lot in fifo(lots) if lot.remaining and not lot.expired(at)]
    there = 0 if account.owed else sum(lot.remaining for lot in usable)
    if there < points:
        msg = f"The member has {max(there, 0)} points to spend, and {points} are needed."
        raise Impossible("INSUFFICIENT_POINTS", msg)
    return list(take(((lot, lot.remaining) for lot in usable), points))


def spend(plan: Plan, account: Account, lots: Iterable[Lot], points: int, house: LoyaltyHouse) -> None:
    """Spend points, those that expire first before others.

    Raises:

        Impossible: there are fewer points.
    """
    for lot, amount in pick(account, lots, points, plan.transaction.event_at):
        plan.move(account, lot, LoyaltyBucket.AVAILABLE, -amount)
    plan.house(house, points)


def reserve(plan: Plan, account: Account, lots: Iterable[Lot], hold: Hold) -> None:
    """Set points aside for a hold.

    Raises:

        Impossible: there are fewer points.
    """
    for lot, amount in pick(account, lots, hold.points, plan.transaction.event_at):
        plan.move(account, lot, LoyaltyBucket.AVAILABLE, -amount)
        plan.move(account, lot, LoyaltyBucket.HELD, amount, hold.id)
    plan.opened.append(hold)


def capture(
    plan: Plan, account: Account, hold: Hold, parts: Iterable[tuple[Lot, int]], points: int, house: LoyaltyHouse
) -> None:
    """Spend points of a hold and give back the rest; `parts` is what of which lot the hold has.

    Raises:

        Impossible: the hold is over, or has fewer points.
    """
    now = plan.transaction.recorded_at
    _check_open(hold)
    if hold.expires_at <= now:
        raise Impossible("HOLD_EXPIRED", "The time of this hold has run out; reserve the points again.", "holdId")
    if points > hold.points:
        msg = f"{hold.points} points are set aside, not {points}; capture no more than that."
        raise Impossible("MORE_THAN_LEFT", msg)
    ordered = _in_order(parts)
    for lot, amount in take(ordered, points):
        plan.move(account, lot, LoyaltyBucket.HELD, -amount, hold.id)
    _give_back(plan, account, hold, _less(ordered, points))
    plan.house(house, points)
    account.redeemed += points
    _end(plan, hold, LoyaltyHoldState.CAPTURED, points)


def release(
    plan: Plan, account: Account, hold: Hold, parts: Iterable[tuple[Lot, int]], state: LoyaltyHoldState
) -> None:
    """Give back what a hold has.

    Raises:

        Impossible: the hold is over.
    """
    _check_open(hold)
    _give_back(plan, account, hold, _in_order(parts))
    _end(plan, hold, state, 0)


def expire(plan: Plan, account: Account, lots: Iterable[Lot], now: datetime) -> int:
    """Let what can be spent or is pending of lots that have expired lapse; return how many points that is."""
    return _lapse(plan, account, (lot for lot in fifo(lots) if lot.expired(now)))


def lapse(plan: Plan, account: Account, lots: Iterable[Lot]) -> int:
    """Let all that can be spent or is pending lapse; return how many points that is."""
    return _lapse(plan, account, fifo(lots))


def forfeit(
    plan: Plan, account: Account, lots: Iterable[Lot], holds: Mapping[UUID, tuple[Hold, list[tuple[Lot, int]]]]
) -> None:
    """Let all points lapse, those set aside too, forgive what is owed, and close the account."""
    points = 0
    for hold, parts in holds.values():
        for lot, amount in parts:
            plan.move(account, lot, LoyaltyBucket.HELD, -amount, hold.id)
            points += amount
        _end(plan, hold, LoyaltyHoldState.VOIDED, 0)
    plan.house(LoyaltyHouse.EXPIRED, points - account.owed)
    account.expired += points
    plan.owe(account, -account.owed)
    _lapse(plan, account, fifo(lots))
    plan.touch(account)
    account.closed, account.expires_at = True, None


def _lapse(plan: Plan, account: Account, lots: Iterable[Lot]) -> int:
    points = 0
    for lot in lots:
        for bucket, amount in ((LoyaltyBucket.AVAILABLE, lot.remaining), (LoyaltyBucket.PENDING, lot.pending)):
            plan.move(account, lot, bucket, -amount)
            points += amount
    plan.house(LoyaltyHouse.EXPIRED, points)
    account.expired += points
    return points


def _check_open(hold: Hold) -> None:
    if hold.state is not LoyaltyHoldState.OPEN:
        msg = f"This hold is no longer open: it is {hold.state.name.lower()}."
        raise Impossible("HOLD_NOT_OPEN", msg, "holdId")


def _in_order(parts: Iterable[tuple[Lot, int]]) -> list[tuple[Lot, int]]:
    found = {lot.id: (lot, amount) for lot, amount in parts}
    return [found[lot.id] for lot in fifo(lot for lot, _ in found.values())]


def _less(parts: Iterable[tuple[Lot, int]], points: int) -> list[tuple[Lot, int]]:
    """Return what is left of the parts when `points` were taken, in order."""
    left = []
    for lot, amount in parts:
        taken = min(points, amount)
        points -= taken
        if amount > taken:
            left.append((lot, amount - taken))
    return left


def _give_back(plan: Plan, account: Account, hold: Hold, parts: list[tuple[Lot, int]]) -> None:
    for lot, amount in parts:
        plan.move(account, lot, LoyaltyBucket.HELD, -amount, hold.id)
        plan.move(account, lot, LoyaltyBucket.AVAILABLE, amount)
    plan.settle(account, [lot for lot, _ in parts])


def _end(plan: Plan, hold: Hold, state: LoyaltyHoldState, captured: int) -> None:
    hold.state, hold.captured, hold.ended_at = state, captured, plan.transaction.recorded_at
    plan.holds.append(hold)
