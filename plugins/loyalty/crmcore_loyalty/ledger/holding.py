"""Points are set aside for a time: captured, given back, or free again by themselves."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from crmcore import Row, Work, errors
from crmcore_loyalty.ledger import going
from crmcore_loyalty.ledger.asked import Reservation, Source
from crmcore_loyalty.ledger.booking import book, check_points, keep_alive, keep_in_limits, lapse_idle
from crmcore_loyalty.ledger.ground import Ground, lock, lock_to_spend
from crmcore_loyalty.ledger.lots import held, hold_of, lots_to_spend
from crmcore_loyalty.ledger.plan import Impossible
from crmcore_loyalty.ledger.request import Request
from crmcore_loyalty.ledger.state import Hold
from crmcore_loyalty.tables.ledger import LoyaltyHoldState, LoyaltyHouse, LoyaltyTransactionKind

__all__ = ["capture", "give_back", "reserve", "void"]


async def reserve(work: Work, reservation: Reservation) -> Row:
    """Set a member's points aside.

    Returns:

        The transaction, whose id is the hold's too.

    Raises:

        Declined: as for `redeem`.
        KeyReused: the id was used for something else.
        NotFound: there is no such member, or the actor may not know of it.
        Invalid: no points, of another program, or in the future.
    """
    check_points(reservation.points)
    request = Request(
        work,
        LoyaltyTransactionKind.RESERVATION,
        member_id=reservation.member_id,
        currency_id=reservation.currency_id,
        points=reservation.points,
        id=reservation.id,
        event_at=reservation.event_at,
        source=reservation.source,
        reason=reservation.reason,
        trace=reservation.trace,
        also=(reservation.expires_at,),
    )
    ground = await lock_to_spend(work, reservation.member_id, reservation.currency_id, request.id)
    if ground.stored and (row := await request.replay()) is not None:
        return row
    account = ground.account
    expires_at = reservation.expires_at or work.now + timedelta(minutes=ground.row["hold_minutes"])
    hold = Hold(request.id, account.id, account.member_id, account.currency_id, reservation.points, expires_at)
    try:
        ground.check_spending()
        request.check_time()
        await keep_in_limits(request, unlimited=reservation.unlimited, ground=ground)
        await lapse_idle(work, ground, request.event_at)
        plan = request.plan()
        going.reserve(plan, account, await lots_to_spend(work, ground), hold)
    except Impossible as why:
        raise request.declined(why) from None
    return await book(work, plan)


async def capture(
    work: Work,
    hold_id: UUID,
    points: int | None = None,
    *,
    id: UUID | None = None,
    event_at: datetime | None = None,
    source: Source | None = None,
    reason: str | None = None,
    trace: Mapping[str, Any] | None = None,
    house: LoyaltyHouse = LoyaltyHouse.REDEEMED,
) -> Row:
    """Spend what was set aside; what is not spent of it is free again.

    Args:

        work: the unit of work.
        hold_id: the hold's, which is its reservation's id.
        points: how many; all of them if None.
        id: the transaction's.
        event_at: when it happened; None is now.
        source: what they are spent on.
        reason: why, in a sentence.
        trace: what is to be known of it.
        house: which of our accounts takes them.

    Raises:

        Declined: HOLD_NOT_OPEN, HOLD_EXPIRED, MORE_THAN_LEFT, MEMBER_NOT_ACTIVE, MEMBER_FROZEN, PROGRAM_NOT_ACTIVE.
        KeyReused: the id was used for something else.
        NotFound: there is no such hold, or the actor may not know of its member.
    """
    hold = await hold_of(work, hold_id)
    spent = hold.points if points is None else points
    check_points(spent)
    request = Request(
        work,
        LoyaltyTransactionKind.CAPTURE,
        member_id=hold.member_id,
        currency_id=hold.currency_id,
        points=points,
        id=id,
        event_at=event_at,
        source=source,
        reason=reason,
        trace=trace,
        reverses_id=hold_id,
        also=(house.name,),
    )
    request.points = spent
    ground = await lock(work, hold.member_id, hold.currency_id, request.id)
    if ground.stored and (row := await request.replay()) is not None:
        return row
    hold = await _again(request, hold_id)
    try:
        ground.check_spending()
        plan = request.plan()
        parts = (await held(work, ground.account)).get(hold_id, [])
        going.capture(plan, ground.account, hold, parts, spent, house)
    except Impossible as why:
        raise request.declined(why) from None
    return await book(work, plan, [ground])


async def void(
    work: Work,
    hold_id: UUID,
    *,
    id: UUID | None = None,
    event_at: datetime | None = None,
    reason: str | None = None,
) -> Row:
    """Give back what was set aside.

    Raises:

        Declined: HOLD_NOT_OPEN.
        KeyReused: the id was used for something else.
        NotFound: there is no such hold, or the actor may not know of its member.
    """
    hold = await hold_of(work, hold_id)
    request = _release(work, hold, id, event_at, reason)
    ground = await lock(work, hold.member_id, hold.currency_id, request.id)
    if ground.stored and (row := await request.replay()) is not None:
        return row
    return await give_back(request, ground, hold_id, LoyaltyHoldState.VOIDED)


async def give_back(request: Request, ground: Ground, hold_id: UUID, state: LoyaltyHoldState) -> Row:
    """Give back what a hold has, whose account is locked.

    Raises:

        Declined: HOLD_NOT_OPEN.
    """
    work, hold = request.work, await _again(request, hold_id)
    try:
        plan = request.plan()
        parts = (await held(work, ground.account)).get(hold_id, [])
        going.release(plan, ground.account, hold, parts, state)
        keep_alive(ground, request.event_at)
    except Impossible as why:
        raise request.declined(why) from None
    return await book(work, plan)


async def _again(request: Request, hold_id: UUID) -> Hold:
    """Read a hold as it is now that its account is locked: it may have ended, or gone to another member, before."""
    hold = await hold_of(request.work, hold_id)
    if hold.member_id != request.member_id:
        msg = "The member of this hold has just gone on as another one."
        raise errors.Contention(msg)
    return hold


def _release(work: Work, hold: Hold, id: UUID | None, event_at: datetime | None, reason: str | None) -> Request:
    return Request(
        work,
        LoyaltyTransactionKind.RELEASE,
        member_id=hold.member_id,
        currency_id=hold.currency_id,
        points=hold.points,
        id=id,
        event_at=event_at,
        reason=reason,
        reverses_id=hold.id,
    )
