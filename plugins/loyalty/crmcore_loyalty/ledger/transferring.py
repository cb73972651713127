"""Members give points to each other."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from crmcore import Row, Work, errors, ids
from crmcore_loyalty.ledger import moving
from crmcore_loyalty.ledger.asked import Source
from crmcore_loyalty.ledger.booking import book, check_points, keep_in_limits, lapse_idle
from crmcore_loyalty.ledger.ground import Ground, lock_many
from crmcore_loyalty.ledger.lots import lots_by_id, lots_left
from crmcore_loyalty.ledger.plan import Impossible
from crmcore_loyalty.ledger.request import Request
from crmcore_loyalty.ledger.state import Lot
from crmcore_loyalty.tables.ledger import LoyaltyTransactionKind

__all__ = ["transfer"]


async def transfer(
    work: Work,
    from_id: UUID,
    to_id: UUID,
    currency_id: UUID,
    points: int,
    *,
    id: UUID | None = None,
    event_at: datetime | None = None,
    source: Source | None = None,
    reason: str | None = None,
    trace: Mapping[str, Any] | None = None,
    unlimited: bool = False,
    unrestricted: bool = False,
    origin_member_id: UUID | None = None,
) -> Row:
    """Give a member's points to another of the same program; they keep when they were earned and when they expire.

    Args:

        work: the unit of work.
        from_id: who gives.
        to_id: who gets.
        currency_id: which points.
        points: how many.
        id: the transaction's.
        event_at: when it happened; None is now.
        source: what it comes from.
        reason: why, in a sentence.
        trace: what is to be known of it.
        unlimited: whether limits against fraud are not looked at.
        unrestricted: whether it goes through although members may not give these points.
        origin_member_id: only points that came from this member.

    Raises:

        Declined: INSUFFICIENT_POINTS, NOT_TRANSFERABLE, TOO_LATE, MEMBER_NOT_ACTIVE, MEMBER_FROZEN, PROGRAM_NOT_ACTIVE,
            LIMIT_EXCEEDED, REVIEW_REQUIRED.
        KeyReused: the id was used for something else.
        NotFound: there is no such member, or the actor may not know of it.
        Invalid: no points, both are the same member, or they are of two programs.
    """
    check_points(points)
    if from_id == to_id:
        raise errors.Invalid.at("toId", "SAME_MEMBER", "Points are given to somebody else.")
    request = Request(
        work,
        LoyaltyTransactionKind.TRANSFER,
        member_id=from_id,
        currency_id=currency_id,
        points=points,
        id=id,
        event_at=event_at,
        source=source,
        reason=reason,
        trace=trace,
        other_member_id=to_id,
        also=(origin_member_id,),
    )
    grounds = await lock_many(work, [from_id, to_id], currency_id, request.id)
    giver, taker = grounds[from_id], grounds[to_id]
    if giver.stored and (row := await request.replay()) is not None:
        return row
    try:
        _check(giver, taker, unrestricted=unrestricted)
        request.check_time()
        await keep_in_limits(request, unlimited=unlimited, ground=giver)
        for ground in (giver, taker):
            await lapse_idle(work, ground, request.event_at)
        lots = await lots_left(work, giver.account)
        if origin_member_id is not None:
            lots = await _from(work, lots, origin_member_id)
        plan = request.plan()
        moving.transfer(plan, giver.account, taker.account, lots, points, new_id=ids.new)
    except Impossible as why:
        raise request.declined(why) from None
    if taker.account.expires_at is None:
        taker.account.expires_at = giver.account.expires_at
    return await book(work, plan)


def _check(giver: Ground, taker: Ground, *, unrestricted: bool) -> None:
    """Demand that the one may give and the other take.

    Raises:

        Impossible: they may not.
    """
    if unrestricted:
        giver.check_active()
    elif giver.row["transferable"]:
        giver.check_spending()
    else:
        raise Impossible("NOT_TRANSFERABLE", "Members may not give these points to each other.", "currencyId")
    taker.check_active()


async def _from(work: Work, lots: Iterable[Lot], member_id: UUID) -> list[Lot]:
    """Return the lots whose points came from a member."""
    lots = list(lots)
    origins = await lots_by_id(work, {lot.origin_id for lot in lots if lot.origin_id is not None})
    return [lot for lot in lots if lot.origin_id is not None and origins[lot.origin_id].member_id == member_id]
