"""What was earned and waits: it can be spent at last, or it will not come."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from crmcore import Row, Work, errors
from crmcore_loyalty.ledger.booking import book, check_points
from crmcore_loyalty.ledger.coming import activate as make_active
from crmcore_loyalty.ledger.coming import cancel
from crmcore_loyalty.ledger.following import house_of, lock_of, posted, successor
from crmcore_loyalty.ledger.lots import line_of, lots_left
from crmcore_loyalty.ledger.plan import Impossible
from crmcore_loyalty.ledger.request import Request
from crmcore_loyalty.ledger.state import Account, Lot
from crmcore_loyalty.tables.ledger import LoyaltyTransactionKind

__all__ = ["activate", "cancel_pending"]


async def activate(
    work: Work,
    transaction_id: UUID,
    *,
    id: UUID | None = None,
    event_at: datetime | None = None,
    reason: str | None = None,
) -> Row:
    """Let what an accrual left pending be spent.

    Raises:

        Declined: NOTHING_PENDING, MEMBER_NOT_ACTIVE.
        KeyReused: the id was used for something else.
        NotFound: there is no such transaction, or the actor may not know of it.
    """
    request = await _request(work, LoyaltyTransactionKind.ACTIVATION, transaction_id, None, id, event_at, reason)
    ground = await lock_of(request)
    if ground.stored and (row := await request.replay()) is not None:
        return row
    try:
        ground.check_member()
        lots = await _waiting(request, ground.account)
    except Impossible as why:
        raise request.declined(why) from None
    request.points = sum(lot.pending for lot in lots)
    plan = request.plan()
    make_active(plan, ground.account, lots)
    return await book(work, plan)


async def cancel_pending(
    work: Work,
    transaction_id: UUID,
    points: int | None = None,
    *,
    id: UUID | None = None,
    event_at: datetime | None = None,
    reason: str | None = None,
) -> Row:
    """Say that what an accrual left pending will not come, or so many points of it.

    Raises:

        Declined: NOTHING_PENDING, MORE_THAN_LEFT, MEMBER_NOT_ACTIVE.
        KeyReused: the id was used for something else.
        NotFound: there is no such transaction, or the actor may not know of it.
    """
    if points is not None:
        check_points(points)
    request = await _request(work, LoyaltyTransactionKind.CANCELLATION, transaction_id, points, id, event_at, reason)
    ground = await lock_of(request)
    if ground.stored and (row := await request.replay()) is not None:
        return row
    try:
        ground.check_member()
        lots = await _waiting(request, ground.account)
        request.points = sum(lot.pending for lot in lots) if points is None else points
        plan = request.plan()
        cancel(plan, ground.account, lots, request.points, await house_of(work, transaction_id))
    except Impossible as why:
        raise request.declined(why) from None
    return await book(work, plan)


async def _request(
    work: Work,
    kind: LoyaltyTransactionKind,
    transaction_id: UUID,
    points: int | None,
    id: UUID | None,
    event_at: datetime | None,
    reason: str | None,
) -> Request:
    original = await posted(work, transaction_id)
    if original["kind"] != LoyaltyTransactionKind.ACCRUAL.name:
        msg = f"A transaction of kind {original['kind']} leaves nothing pending; give an accrual."
        raise errors.Invalid.at("transactionId", "NOT_AN_ACCRUAL", msg)
    return Request(
        work,
        kind,
        member_id=await successor(work, original["member_id"]),
        currency_id=original["currency_id"],
        points=points,
        id=id,
        event_at=event_at,
        reason=reason,
        reverses_id=transaction_id,
    )


async def _waiting(request: Request, account: Account) -> list[Lot]:
    """Return the lots in which something of the accrual is pending.

    Raises:

        Impossible: there is none.
    """
    assert request.reverses_id is not None
    line = await line_of(request.work, request.reverses_id)
    lots = await lots_left(request.work, account)
    waiting = [lot for lot in lots if lot.pending and lot.id in line]
    if not waiting:
        raise Impossible("NOTHING_PENDING", "Nothing of this transaction is pending any more.", "transactionId")
    return waiting
