"""Earning, spending and setting aside as mutations; each asks for a right, and for the member to be within reach."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from crmcore import Ref, Row, Work, action
from crmcore_loyalty.ledger import accruing, counter, holding, redeeming
from crmcore_loyalty.ledger.arguments import (
    At,
    Currency,
    Id,
    Member,
    Part,
    Points,
    Reason,
    SourceId,
    SourceType,
    accrual_of,
    currency_of,
    redemption_of,
    source_of,
)
from crmcore_loyalty.ledger.asked import Reservation
from crmcore_loyalty.ledger.keyed import id_of
from crmcore_loyalty.ledger.permissions import ACCRUE, REDEEM

__all__ = ["loyalty_accrue", "loyalty_capture", "loyalty_redeem", "loyalty_reserve", "loyalty_void"]

_MOVES: Any = {"returns": "loyalty_transaction", "since": "0.1.0", "isolation": "read committed"}
_Hold = Annotated[UUID, Ref("loyalty_hold"), "Which hold: `loyalty_hold_` and the UUID of the reservation."]


@action(permission=ACCRUE, shared=counter.accrued, **_MOVES)
async def loyalty_accrue(
    work: Work,
    member_id: Member,
    currency: Currency,
    points: Points,
    id: Id = None,
    event_at: At = None,
    pending: Annotated[bool, "Whether they wait until somebody says loyaltyActivate or loyaltyCancelPending."] = False,
    active_at: Annotated[datetime | None, "From when on they can be spent, instead of what the currency says."] = None,
    expires_at: Annotated[
        datetime | None, "The instant at which they expire, instead of what the currency says."
    ] = None,
    source_type: SourceType = None,
    source_id: SourceId = None,
    reason: Reason = None,
) -> Row:
    """Let a member earn points."""
    accrual = accrual_of(
        member_id=member_id,
        currency_id=await currency_of(work, member_id, currency),
        points=points,
        id=id_of(work, id),
        event_at=event_at,
        pending=pending,
        active_at=active_at,
        expires_at=expires_at,
        source_type=source_type,
        source_id=source_id,
        reason=reason,
    )
    return await accruing.accrue(work, accrual)


@action(permission=REDEEM, shared=counter.redeemed, **_MOVES)
async def loyalty_redeem(
    work: Work,
    member_id: Member,
    currency: Currency,
    points: Points,
    id: Id = None,
    event_at: At = None,
    source_type: SourceType = None,
    source_id: SourceId = None,
    reason: Reason = None,
) -> Row:
    """Spend a member's points, those that expire first before others."""
    redemption = redemption_of(
        member_id=member_id,
        currency_id=await currency_of(work, member_id, currency),
        points=points,
        id=id_of(work, id),
        event_at=event_at,
        source_type=source_type,
        source_id=source_id,
        reason=reason,
    )
    return await redeeming.redeem(work, redemption)


@action(permission=REDEEM, **_MOVES)
async def loyalty_reserve(
    work: Work,
    member_id: Member,
    currency: Currency,
    points: Points,
    id: Id = None,
    event_at: At = None,
    expires_at: Annotated[datetime | None, "Until when, instead of what the currency says."] = None,
    source_type: SourceType = None,
    source_id: SourceId = None,
    reason: Reason = None,
) -> Row:
    """Set a member's points aside for a time, as for a basket; the hold has the transaction's UUID."""
    return await holding.reserve(
        work,
        Reservation(
            member_id=member_id,
            currency_id=await currency_of(work, member_id, currency),
            points=points,
            id=id_of(work, id),
            event_at=event_at,
            expires_at=expires_at,
            source=source_of(source_type, source_id),
            reason=reason,
        ),
    )


@action(permission=REDEEM, **_MOVES)
async def loyalty_capture(
    work: Work,
    hold_id: _Hold,
    points: Part = None,
    id: Id = None,
    event_at: At = None,
    source_type: SourceType = None,
    source_id: SourceId = None,
    reason: Reason = None,
) -> Row:
    """Spend what was set aside; what is not spent of it is free again."""
    source = source_of(source_type, source_id)
    return await holding.capture(
        work, hold_id, points, id=id_of(work, id), event_at=event_at, source=source, reason=reason
    )


@action(permission=REDEEM, **_MOVES)
async def loyalty_void(work: Work, hold_id: _Hold, id: Id = None, event_at: At = None, reason: Reason = None) -> Row:
    """Give back what was set aside."""
    return await holding.void(work, hold_id, id=id_of(work, id), event_at=event_at, reason=reason)
