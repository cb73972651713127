"""The end of every posting: what it was drawn up to be is written, and the member was active."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from crmcore import Row, Work, errors
from crmcore_loyalty.ledger import journal, policy
from crmcore_loyalty.ledger.going import lapse
from crmcore_loyalty.ledger.ground import Ground
from crmcore_loyalty.ledger.lots import lots_left
from crmcore_loyalty.ledger.plan import Impossible, Plan
from crmcore_loyalty.ledger.request import Request
from crmcore_loyalty.ledger.state import Account
from crmcore_loyalty.limits import check_limits
from crmcore_loyalty.tables.ledger import LoyaltyTransactionKind

__all__ = ["book", "check_points", "is_idle", "keep_alive", "keep_in_limits", "lapse_idle", "note_move"]

#: One transaction moves no more than this, so that no sum outgrows 64 bits.
_MOST = 10**16
#: The note of when a member last moved is no more exact than this: it would be one more row to write each time.
_EXACT = timedelta(hours=1)


def check_points(points: int) -> None:
    """Demand that there is something to move, and not more than ever makes sense.

    Raises:

        Invalid: there is not, or is.
    """
    if points <= 0:
        raise errors.Invalid.at("points", "TOO_SMALL", "Give a number of points above 0.")
    if points > _MOST:
        raise errors.Invalid.at("points", "TOO_LARGE", f"One transaction moves at most {_MOST} points.")


async def book(work: Work, plan: Plan, moved: Sequence[Ground] = (), *, always: Sequence[Account] = ()) -> Row:
    """Write a transaction and tell of it.

    Args:

        work: the unit of work.
        plan: the transaction.
        moved: the accounts whose members earned or redeemed by it.
        always: accounts that get an entry even if it is of nothing.
    """
    at = plan.transaction.event_at
    noted = {id: at for ground in moved if (id := note_move(ground, at)) is not None}
    (row,) = await journal.post(work, [plan.finish(always=always)], noted)
    return row


def note_move(ground: Ground, at: datetime) -> UUID | None:
    """Let what expires without activity live on; return the member if its row is to say that it moved."""
    later = policy.account_expires_at(ground.row, ground.row["timezone"], at)
    account = ground.account
    if later is not None and (account.expires_at is None or account.expires_at < later):
        account.expires_at = later
    before = ground.row["moved_at"]
    return account.member_id if before is None or at - before > _EXACT else None


def keep_alive(ground: Ground, at: datetime) -> None:
    """Let what has come into an account that was empty expire when it is idle for too long from now on."""
    if ground.account.expires_at is None:
        ground.account.expires_at = policy.account_expires_at(ground.row, ground.row["timezone"], at)


async def keep_in_limits(request: Request, *, unlimited: bool, ground: Ground) -> None:
    """Demand that limits against fraud let it through.

    Raises:

        Declined: they do not.
    """
    if unlimited or not ground.row["limited"]:
        return
    over = await check_limits(
        request.work,
        currency_id=request.currency_id,
        member_id=request.member_id,
        kind=request.kind,
        points=request.points,
        now=request.work.now,
    )
    if over is not None:
        raise request.declined(Impossible(over.code, over.message), also=over.record)


def is_idle(ground: Ground, at: datetime) -> bool:
    """Say whether all points of an account have expired by an instant, since nothing happened to them for too long."""
    expires_at = ground.account.expires_at
    return expires_at is not None and expires_at <= at


async def lapse_idle(work: Work, ground: Ground, at: datetime) -> None:
    """Let points expire that were idle for too long, before something new happens to them."""
    account = ground.account
    if account.expires_at is None or not is_idle(ground, at):
        return
    lots = await lots_left(work, account)
    points = sum(lot.remaining for lot in lots)
    request = Request(
        work,
        LoyaltyTransactionKind.EXPIRY,
        member_id=account.member_id,
        currency_id=account.currency_id,
        points=points,
        id=None,
        event_at=account.expires_at,
    )
    plan = request.plan()
    account.expires_at = None
    ground.lots = None
    if lapse(plan, account, [lot for lot in lots if not lot.pending]):
        await book(work, plan)
