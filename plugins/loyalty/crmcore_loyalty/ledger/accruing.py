"""Members earn points."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from crmcore import Row, Work, errors, ids
from crmcore_loyalty.ledger import policy
from crmcore_loyalty.ledger.asked import POLICY, Accrual, Policy
from crmcore_loyalty.ledger.booking import book, check_points, keep_in_limits, lapse_idle
from crmcore_loyalty.ledger.coming import earn
from crmcore_loyalty.ledger.ground import Ground, lock
from crmcore_loyalty.ledger.plan import Impossible, Plan
from crmcore_loyalty.ledger.request import Request
from crmcore_loyalty.tables.ledger import LoyaltyTransactionKind

__all__ = ["accrue", "drawn", "earned", "request_of"]

_BY_POLICY = str(POLICY)


async def accrue(work: Work, accrual: Accrual) -> Row:
    """Let a member earn points.

    Args:

        work: the unit of work, of `Crm.run(..., isolation="read committed")`.
        accrual: who, how many, and when they can be spent and expire.

    Returns:

        The transaction; the same one if it was asked for before.

    Raises:

        Declined: MEMBER_NOT_ACTIVE, MEMBER_FROZEN, PROGRAM_NOT_ACTIVE, LIMIT_EXCEEDED, REVIEW_REQUIRED.
        KeyReused: the id was used for something else.
        NotFound: there is no such member, or the actor may not know of it.
        Invalid: no points, of another program, or in the future.
    """
    request = request_of(work, accrual)
    ground = await lock(work, accrual.member_id, accrual.currency_id, request.id)
    if ground.stored and (row := await request.replay()) is not None:
        return row
    try:
        ground.check_earning()
    except Impossible as why:
        raise request.declined(why) from None
    await keep_in_limits(request, unlimited=accrual.unlimited, ground=ground)
    await lapse_idle(work, ground, request.event_at)
    return await book(work, drawn(request, accrual, ground, ids.new()), [ground])


def request_of(work: Work, accrual: Accrual, new_id: UUID | None = None) -> Request:
    """Return what an accrual asks; `new_id` is for one without an id."""
    check_points(accrual.points)
    if isinstance(accrual.expires_at, datetime) and accrual.expires_at <= (accrual.event_at or work.now):
        raise errors.Invalid.at("expiresAt", "TOO_EARLY", "Points expire after they were earned; give a later instant.")
    return Request(
        work,
        LoyaltyTransactionKind.ACCRUAL,
        member_id=accrual.member_id,
        currency_id=accrual.currency_id,
        points=accrual.points,
        id=accrual.id or new_id,
        event_at=accrual.event_at,
        source=accrual.source,
        reason=accrual.reason,
        trace=accrual.trace,
        also=(_said(accrual.active_at), _said(accrual.expires_at), accrual.house._name_),
    )


def _said(at: datetime | Policy | None) -> str:
    """Return what `str` does, which takes a microsecond for a policy."""
    return _BY_POLICY if at is POLICY else str(at)


def earned(request: Request, accrual: Accrual, ground: Ground, lot_id: UUID) -> Plan:
    """Draw an accrual up where nothing lapses before it, and no limits look at it.

    Raises:

        Impossible: the member may not earn now.
    """
    ground.check_earning()
    return drawn(request, accrual, ground, lot_id)


def drawn(request: Request, accrual: Accrual, ground: Ground, lot_id: UUID) -> Plan:
    """Draw an accrual up, which makes a lot."""
    plan = request.plan()
    active_at, expires_at = _times(accrual, ground, request.event_at)
    earn(
        plan,
        ground.account,
        lot_id,
        accrual.points,
        active_at=active_at,
        expires_at=expires_at,
        house=accrual.house,
    )
    ground.account.accrued += accrual.points
    return plan


def _times(accrual: Accrual, ground: Ground, at: datetime) -> tuple[datetime | None, datetime | None]:
    row, zone = ground.row, ground.row["timezone"]
    active_at, expires_at = accrual.active_at, accrual.expires_at
    return (
        policy.active_at(row, zone, at) if isinstance(active_at, Policy) else active_at,
        policy.expires_at(row, zone, at, row) if isinstance(expires_at, Policy) else expires_at,
    )
