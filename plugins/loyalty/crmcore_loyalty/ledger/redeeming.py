"""Members spend points."""

from __future__ import annotations

from crmcore import Row, Work
from crmcore_loyalty.ledger.asked import Redemption
from crmcore_loyalty.ledger.booking import book, check_points, keep_in_limits, lapse_idle
from crmcore_loyalty.ledger.going import spend
from crmcore_loyalty.ledger.ground import lock_to_spend
from crmcore_loyalty.ledger.lots import lots_to_spend
from crmcore_loyalty.ledger.plan import Impossible
from crmcore_loyalty.ledger.request import Request
from crmcore_loyalty.tables.ledger import LoyaltyTransactionKind

__all__ = ["redeem"]


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
    check_points(redemption.points)
    request = Request(
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
        also=(redemption.house.name,),
    )
    ground = await lock_to_spend(work, redemption.member_id, redemption.currency_id, request.id)
    if ground.stored and (row := await request.replay()) is not None:
        return row
    try:
        ground.check_spending()
        request.check_time()
        await keep_in_limits(request, unlimited=redemption.unlimited, ground=ground)
        await lapse_idle(work, ground, request.event_at)
        plan = request.plan()
        spend(plan, ground.account, await lots_to_spend(work, ground), redemption.points, redemption.house)
    except Impossible as why:
        raise request.declined(why) from None
    ground.account.redeemed += redemption.points
    return await book(work, plan, [ground])
