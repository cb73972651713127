"""Members spend points."""

from __future__ import annotations

from collections.abc import Iterable

from crmcore import Row, Work
from crmcore_loyalty.ledger.asked import Redemption
from crmcore_loyalty.ledger.booking import book, check_points, keep_in_limits, lapse_idle
from crmcore_loyalty.ledger.going import spend
from crmcore_loyalty.ledger.ground import Ground, lock_to_spend
from crmcore_loyalty.ledger.lots import lots_to_spend
from crmcore_loyalty.ledger.plan import Impossible, Plan
from crmcore_loyalty.ledger.request import Request
from crmcore_loyalty.ledger.state import Lot
from crmcore_loyalty.tables.ledger import LoyaltyTransactionKind

__all__ = ["redeem", "redeemed", "request_of"]


async def redeem(work: Work, redemption: Redemption) -> Row:
    """Spend a member's points, those that expire first before others.

    Args:

        work: the unit of work, of `Crm.run(..., isolation="read committed")`.
        redemption: whose, and how many.

    Returns:

        The transaction; the same one if it was asked for before.

    Raises:

        Declined: INSUFFICIENT_POINTS, TOO_LATE, MEMBER_NOT_ACTIVE, MEMBER_FROZEN, PROGRAM_NOT_ACTIVE, CURRENCY_NOT_REDEEMABLE,
            LIMIT_EXCEEDED, REVIEW_REQUIRED.
        KeyReused: the id was used for something else.
        NotFound: there is no such member, or the actor may not know of it.
        Invalid: no points, of another program, or in the future.
    """
    request = request_of(work, redemption)
    ground = await lock_to_spend(work, redemption.member_id, redemption.currency_id, request.id)
    if ground.stored and (row := await request.replay()) is not None:
        return row
    try:
        _check(request, ground)
        await keep_in_limits(request, unlimited=redemption.unlimited, ground=ground)
        await lapse_idle(work, ground, request.event_at)
        plan = _drawn(request, redemption, ground, await lots_to_spend(work, ground))
    except Impossible as why:
        raise request.declined(why) from None
    return await book(work, plan, [ground])


def request_of(work: Work, redemption: Redemption) -> Request:
    """Return what a redemption asks."""
    check_points(redemption.points)
    return Request(
        work,
        LoyaltyTransactionKind.REDEMPTION,
        member_id=redemption.member_id,
        currency_id=redemption.currency_id,
        points=redemption.points,
        id=redemption.id,
        event_at=redemption.event_at,
        source=redemption.source,
        reason=redemption.reason,
        trace=redemption.trace,
        also=(redemption.house._name_,),
    )


def redeemed(request: Request, redemption: Redemption, ground: Ground, lots: Iterable[Lot]) -> Plan:
    """Draw a redemption up where nothing lapses before it, and no limits look at it.

    Raises:

        Impossible: the member may not spend now, or has fewer points.
    """
    _check(request, ground)
    return _drawn(request, redemption, ground, lots)


def _check(request: Request, ground: Ground) -> None:
    ground.check_spending()
    request.check_time()


def _drawn(request: Request, redemption: Redemption, ground: Ground, lots: Iterable[Lot]) -> Plan:
    plan = request.plan()
    spend(plan, ground.account, lots, redemption.points, redemption.house)
    ground.account.redeemed += redemption.points
    return plan
