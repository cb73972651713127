"""What is due with time: pending points become active, points and holds expire; in batches, each its own transaction.

A sweep that was interrupted goes on where it was: what is due is found by `due_at`, which each posting keeps.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime
from uuid import UUID, uuid5

from crmcore import Actor, Crm, Work, clock
from crmcore_loyalty.ledger import coming, going, journal
from crmcore_loyalty.ledger.booking import lapse_idle
from crmcore_loyalty.ledger.ground import Ground, lock, lock_accounts
from crmcore_loyalty.ledger.holding import give_back
from crmcore_loyalty.ledger.lots import hold_of, lots_by_id
from crmcore_loyalty.ledger.plan import Plan
from crmcore_loyalty.ledger.request import Request
from crmcore_loyalty.ledger.state import Lot, fifo
from crmcore_loyalty.settings import LoyaltySettings
from crmcore_loyalty.tables.ledger import LoyaltyHoldState, LoyaltyTransactionKind

__all__ = ["activate_due", "expire_due", "release_due"]

_ACTOR = "loyalty sweep"
_EXPIRED = """
    select id, account_id from loyalty_lot where due_at <= $1 and expires_at <= $1 order by due_at, account_id limit $2
"""
_ACTIVE = """
    select id, account_id from loyalty_lot where due_at <= $1 and pending > 0 and active_at <= $1
    order by due_at, account_id limit $2
"""
_IDLE = "select id from loyalty_account where expires_at <= $1 order by expires_at, id limit $2"
_HELD = "select id from loyalty_hold where state = 'OPEN' and expires_at <= $1 order by expires_at, id limit $2"
#: Draws up what becomes of some lots of one account.
Draw = Callable[[Work, Ground, Sequence[Lot], datetime], list[Plan]]


async def expire_due(crm: Crm, now: datetime | None = None) -> int:
    """Let points expire whose time has come, or that were idle for too long; return how many transactions that were."""
    now = now or clock.now()
    done = await _sweep(crm, _EXPIRED, now, _expire)
    return done + await _each_batch(crm, lambda work: _lapse_idle(work, now))


async def activate_due(crm: Crm, now: datetime | None = None) -> int:
    """Let pending points be spent whose time has come; return how many transactions that were."""
    return await _sweep(crm, _ACTIVE, now or clock.now(), _activate)


async def release_due(crm: Crm, now: datetime | None = None) -> int:
    """Give back what was set aside and not captured in time; return how many holds ended."""
    now, size = now or clock.now(), crm.settings[LoyaltySettings].sweep_size
    ended = 0
    while holds := await crm.database.fetch(_HELD, now, size):
        for (hold_id,) in holds:
            ended += await crm.run(Actor.system(_ACTOR), _releasing(hold_id), isolation="read committed")
    return ended


async def _sweep(crm: Crm, sql: str, now: datetime, draw: Draw) -> int:
    async def batch(work: Work) -> int:
        size = work.settings[LoyaltySettings].sweep_size
        due = await work.database.fetch(sql, now, size)
        if not due:
            return 0
        grounds = await lock_accounts(work, {account_id for _, account_id in due})
        by_account: dict[UUID, list[Lot]] = {}
        for lot in (await lots_by_id(work, [id for id, _ in due])).values():
            by_account.setdefault(lot.account_id, []).append(lot)
        plans = [plan for id, lots in by_account.items() for plan in draw(work, grounds[id], fifo(lots), now)]
        if plans:
            await journal.post(work, plans)
        return len(plans)

    return await _each_batch(crm, batch)


async def _each_batch(crm: Crm, batch: Callable[[Work], Awaitable[int]]) -> int:
    total = 0
    while done := await crm.run(Actor.system(_ACTOR), batch, isolation="read committed"):
        total += done
    return total


def _expire(work: Work, ground: Ground, lots: Sequence[Lot], now: datetime) -> list[Plan]:
    due = [lot for lot in lots if lot.expired(now) and (lot.remaining or lot.pending)]
    if not due:
        return []
    points = sum(lot.remaining + lot.pending for lot in due)
    at = max(lot.expires_at for lot in due if lot.expires_at is not None)
    plan = _request(work, LoyaltyTransactionKind.EXPIRY, ground, points, at).plan()
    going.expire(plan, ground.account, due, now)
    return [plan.finish()]


def _activate(work: Work, ground: Ground, lots: Sequence[Lot], now: datetime) -> list[Plan]:
    plans = []
    for lot in lots:
        if lot.pending and lot.active_at is not None and lot.active_at <= now:
            request = _request(
                work, LoyaltyTransactionKind.ACTIVATION, ground, lot.pending, lot.active_at, lot.transaction_id
            )
            plan = request.plan()
            coming.activate(plan, ground.account, [lot])
            plans.append(plan.finish())
    return plans


async def _lapse_idle(work: Work, now: datetime) -> int:
    due = await work.database.fetch(_IDLE, now, work.settings[LoyaltySettings].sweep_size)
    grounds = await lock_accounts(work, [id for (id,) in due])
    for ground in grounds.values():
        await lapse_idle(work, ground, now)
    return len(due)


def _releasing(hold_id: UUID) -> Callable[[Work], Awaitable[int]]:
    async def release(work: Work) -> int:
        hold = await hold_of(work, hold_id)
        request = Request(
            work,
            LoyaltyTransactionKind.RELEASE,
            member_id=hold.member_id,
            currency_id=hold.currency_id,
            points=hold.points,
            id=uuid5(hold_id, "expired"),
            event_at=hold.expires_at,
            reverses_id=hold_id,
        )
        ground = await lock(work, hold.member_id, hold.currency_id, request.id)
        if (await hold_of(work, hold_id)).state is not LoyaltyHoldState.OPEN:
            return 0
        await give_back(request, ground, hold_id, LoyaltyHoldState.EXPIRED)
        return 1

    return release


def _request(
    work: Work, kind: LoyaltyTransactionKind, ground: Ground, points: int, at: datetime, follows: UUID | None = None
) -> Request:
    account = ground.account
    return Request(
        work,
        kind,
        member_id=account.member_id,
        currency_id=account.currency_id,
        points=points,
        id=None,
        event_at=min(at, work.now),
        reverses_id=follows,
    )
