"""Balances are corrected by hand."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from crmcore import Row, Work, errors, ids
from crmcore_loyalty.ledger import policy
from crmcore_loyalty.ledger.asked import Source
from crmcore_loyalty.ledger.booking import book, check_points, keep_alive, lapse_idle
from crmcore_loyalty.ledger.coming import earn
from crmcore_loyalty.ledger.going import spend
from crmcore_loyalty.ledger.ground import lock
from crmcore_loyalty.ledger.lots import lots_left
from crmcore_loyalty.ledger.plan import Impossible
from crmcore_loyalty.ledger.request import Request
from crmcore_loyalty.tables.ledger import LoyaltyHouse, LoyaltyTransactionKind

__all__ = ["adjust"]


async def adjust(
    work: Work,
    member_id: UUID,
    currency_id: UUID,
    points: int,
    reason: str,
    *,
    id: UUID | None = None,
    event_at: datetime | None = None,
    source: Source | None = None,
    trace: Mapping[str, Any] | None = None,
) -> Row:
    """Correct a balance, up or down; what comes expires as what is earned does, what goes goes as what is spent does.

    Raises:

        Declined: INSUFFICIENT_POINTS, MEMBER_NOT_ACTIVE.
        KeyReused: the id was used for something else.
        NotFound: there is no such member, or the actor may not know of it.
        Invalid: no points, or no reason.
    """
    if not points:
        raise errors.Invalid.at("points", "TOO_SMALL", "Give by how many points the balance is to change.")
    check_points(abs(points))
    if not reason.strip():
        raise errors.Invalid.at("reason", "REQUIRED", "Say why the balance is corrected.")
    request = Request(
        work,
        LoyaltyTransactionKind.ADJUSTMENT,
        member_id=member_id,
        currency_id=currency_id,
        points=points,
        id=id,
        event_at=event_at,
        source=source,
        reason=reason,
        trace=trace,
    )
    ground = await lock(work, member_id, currency_id, request.id)
    if ground.stored and (row := await request.replay()) is not None:
        return row
    account = ground.account
    try:
        ground.check_member()
        await lapse_idle(work, ground, request.event_at)
        plan = request.plan()
        if points < 0:
            spend(plan, account, await lots_left(work, account), -points, LoyaltyHouse.ADJUSTED)
        else:
            at, zone = request.event_at, ground.row["timezone"]
            expires_at = policy.expires_at(ground.row, zone, at, ground.row)
            earn(plan, account, ids.new(), points, active_at=at, expires_at=expires_at, house=LoyaltyHouse.ADJUSTED)
            keep_alive(ground, at)
    except Impossible as why:
        raise request.declined(why) from None
    return await book(work, plan)
