"""Transactions are undone, wholly or in part."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from crmcore import Row, Work, errors, ids
from crmcore_loyalty.ledger import journal
from crmcore_loyalty.ledger.asked import Source
from crmcore_loyalty.ledger.booking import check_points, keep_alive
from crmcore_loyalty.ledger.following import house_of, lock_of, posted, successor
from crmcore_loyalty.ledger.ground import Ground
from crmcore_loyalty.ledger.lots import line_of, lots_left, taken_from
from crmcore_loyalty.ledger.plan import Impossible, Plan
from crmcore_loyalty.ledger.request import Request
from crmcore_loyalty.ledger.undoing import claw_back, give_back
from crmcore_loyalty.tables.ledger import LoyaltyBucket, LoyaltyTransactionKind

__all__ = ["reverse"]

_UNDONE = """
    select coalesce(sum(points), 0) from loyalty_transaction
    where reverses_id = $1 and kind in ('REVERSAL', 'CANCELLATION') and status = 'POSTED'
"""
_REVERSIBLE = frozenset(
    kind.name
    for kind in (
        LoyaltyTransactionKind.ACCRUAL,
        LoyaltyTransactionKind.REDEMPTION,
        LoyaltyTransactionKind.CAPTURE,
        LoyaltyTransactionKind.ADJUSTMENT,
    )
)


async def reverse(
    work: Work,
    transaction_id: UUID,
    points: int | None = None,
    *,
    id: UUID | None = None,
    event_at: datetime | None = None,
    source: Source | None = None,
    reason: str | None = None,
    trace: Mapping[str, Any] | None = None,
) -> Row:
    """Undo an accrual, redemption, capture or adjustment.

    What was spent comes back to the lots it came from, with the expiry they have. What was earned is taken back from its lot,
    then from others, then down to the currency's floor; what could not be taken is said in the trace, as `not_taken`.

    Args:

        work: the unit of work.
        transaction_id: which one.
        points: how many; all that was not undone before if None.
        id: the reversal's own.
        event_at: when it happened; None is now.
        source: what it comes from.
        reason: why, in a sentence.
        trace: what is to be known of it.

    Raises:

        Declined: ALREADY_REVERSED, MORE_THAN_LEFT, MEMBER_NOT_ACTIVE.
        KeyReused: the id was used for something else.
        NotFound: there is no such transaction, or the actor may not know of it.
        Invalid: a transaction of this kind is not undone.
    """
    original = await posted(work, transaction_id)
    if original["kind"] not in _REVERSIBLE:
        msg = f"A transaction of kind {original['kind']} is not reversed; only what was earned, spent or adjusted is."
        raise errors.Invalid.at("transactionId", "NOT_REVERSIBLE", msg)
    if points is not None:
        check_points(points)
    request = Request(
        work,
        LoyaltyTransactionKind.REVERSAL,
        member_id=await successor(work, original["member_id"]),
        currency_id=original["currency_id"],
        points=points,
        id=id,
        event_at=event_at,
        source=source,
        reason=reason,
        trace=trace,
        reverses_id=transaction_id,
    )
    ground = await lock_of(request)
    if ground.stored and (row := await request.replay()) is not None:
        return row
    try:
        request.points = await _left(work, original, points)
        ground.check_member()
    except Impossible as why:
        raise request.declined(why) from None
    plan = request.plan()
    account = ground.account
    if original["kind"] == "ACCRUAL" or (original["kind"] == "ADJUSTMENT" and original["points"] > 0):
        await _unearn(work, plan, ground, original)
    else:
        await _unspend(work, plan, ground, original)
    keep_alive(ground, request.event_at)
    (row,) = await journal.post(work, [plan.finish(always=[account])])
    return row


async def _left(work: Work, original: Row, points: int | None) -> int:
    """Return how many points are to be undone.

    Raises:

        Impossible: fewer are left.
    """
    left = abs(original["points"]) - int(await work.database.fetch_value(_UNDONE, original["id"]))
    if left == 0:
        raise Impossible("ALREADY_REVERSED", "This transaction was wholly undone before.", "transactionId")
    if points is not None and points > left:
        msg = f"{left} points of this transaction are not undone yet, not {points}; undo no more than that."
        raise Impossible("MORE_THAN_LEFT", msg)
    return left if points is None else points


async def _unearn(work: Work, plan: Plan, ground: Ground, original: Row) -> None:
    lots, line = await lots_left(work, ground.account), await line_of(work, original["id"])
    own = [lot for lot in lots if lot.id in line]
    others = [lot for lot in lots if lot.id not in line]
    done, house = plan.transaction, await house_of(work, original["id"])
    taken = claw_back(plan, ground.account, own, others, done.points, floor=ground.row["floor"], house=house)
    if original["kind"] == "ACCRUAL":
        ground.account.accrued -= taken
    if taken < done.points:
        done.trace = {**(done.trace or {}), "not_taken": done.points - taken}


async def _unspend(work: Work, plan: Plan, ground: Ground, original: Row) -> None:
    account = ground.account
    bucket = LoyaltyBucket.HELD if original["kind"] == "CAPTURE" else LoyaltyBucket.AVAILABLE
    taken = await taken_from(work, original["id"], bucket.name)
    give_back(
        plan,
        account,
        taken,
        plan.transaction.points,
        restore_days=ground.row["restore_days"],
        house=await house_of(work, original["id"]),
        new_id=ids.new,
    )
    if original["kind"] != "ADJUSTMENT":
        account.redeemed -= plan.transaction.points
