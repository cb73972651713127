"""Members leave, or go on as others: their accounts are closed."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID, uuid5

from crmcore import Row, Work, errors, ids
from crmcore_loyalty.ledger import going, moving
from crmcore_loyalty.ledger.booking import book
from crmcore_loyalty.ledger.ground import Ground, lock_all, open_accounts
from crmcore_loyalty.ledger.lots import lots_left, open_holds
from crmcore_loyalty.ledger.request import Request
from crmcore_loyalty.tables.ledger import LoyaltyTransactionKind
from crmcore_loyalty.tables.program import LoyaltyMemberStatus

__all__ = ["forfeit", "merge"]


async def forfeit(work: Work, member_id: UUID, *, id: UUID | None = None, reason: str | None = None) -> list[Row]:
    """Let all points of a member lapse, those set aside too, and close its accounts.

    Call it before anything else locks or changes the member; the member's status is the caller's to change.

    Args:

        work: the unit of work.
        member_id: whose.
        id: from which the transactions' ids are made; None makes new ones.
        reason: why, in a sentence.

    Returns:

        One transaction for each currency.
    """
    base, rows = id or ids.new(), []
    await open_accounts(work, member_id)
    for ground in await lock_all(work, [member_id], base):
        account = ground.account
        if account.closed:
            continue
        lots = await lots_left(work, account)
        request = Request(
            work,
            LoyaltyTransactionKind.FORFEIT,
            member_id=member_id,
            currency_id=account.currency_id,
            points=account.pending + account.held + sum(lot.remaining for lot in lots),
            id=uuid5(base, str(account.currency_id)),
            reason=reason,
        )
        plan = request.plan()
        going.forfeit(plan, account, lots, await open_holds(work, account, lots))
        rows.append(await book(work, plan, always=[account]))
    return rows


async def merge(
    work: Work, from_id: UUID, into_id: UUID, *, id: UUID | None = None, reason: str | None = None
) -> list[Row]:
    """Let a member go on as another of the same program: all its points, pending and set aside ones too, and its debts.

    Args:

        work: the unit of work.
        from_id: who goes.
        into_id: who stays.
        id: from which the transactions' ids are made; None makes new ones.
        reason: why, in a sentence.

    Returns:

        One transaction for each currency; none if they were merged before.

    Raises:

        Invalid: they are the same, of two programs, or one of them has left.
        NotFound: there is no such member, or the actor may not know of it.
    """
    before = await _check_both(work, from_id, into_id)
    if before["merged_into_id"] == into_id:
        return []
    base, rows = id or ids.new(), []
    for member_id in (from_id, into_id):
        await open_accounts(work, member_id)
    grounds = await lock_all(work, [from_id, into_id], base)
    olds, news = _of(grounds, from_id), _of(grounds, into_id)
    if any(ground.account.closed for ground in grounds):
        msg = "One of these members has just left, or gone on as another one."
        raise errors.Contention(msg)
    for currency_id, old in olds.items():
        rows.append(await _merged(work, old, news[currency_id], uuid5(base, str(currency_id)), reason))
    gone = {"status": LoyaltyMemberStatus.MERGED.name, "merged_into_id": into_id, "closed_at": work.now}
    await work.change("loyalty_member", from_id, gone)
    return rows


async def _check_both(work: Work, from_id: UUID, into_id: UUID) -> Row:
    if from_id == into_id:
        raise errors.Invalid.at("intoId", "SAME_MEMBER", "A member goes on as another one.")
    before, into = await work.get("loyalty_member", from_id), await work.get("loyalty_member", into_id)
    if before["program_id"] != into["program_id"]:
        raise errors.Invalid.at("intoId", "OTHER_PROGRAM", "Both have to take part in the same program.")
    left = (LoyaltyMemberStatus.CLOSED.name, LoyaltyMemberStatus.MERGED.name)
    if before["merged_into_id"] != into_id:
        for path, member in (("fromId", before), ("intoId", into)):
            if member["status"] in left:
                raise errors.Invalid.at(path, "MEMBER_NOT_ACTIVE", "This member has left, or went on as another one.")
    return before


def _of(grounds: Iterable[Ground], member_id: UUID) -> dict[UUID, Ground]:
    return {ground.account.currency_id: ground for ground in grounds if ground.account.member_id == member_id}


async def _merged(work: Work, old: Ground, new: Ground, id: UUID, reason: str | None) -> Row:
    gone, stays = old.account, new.account
    lots = await lots_left(work, gone)
    request = Request(
        work,
        LoyaltyTransactionKind.MERGE,
        member_id=gone.member_id,
        currency_id=gone.currency_id,
        points=sum(lot.remaining + lot.pending + lot.held for lot in lots),
        id=id,
        reason=reason,
        other_member_id=stays.member_id,
    )
    plan = request.plan()
    holds = await open_holds(work, gone, lots)
    moving.merge(plan, gone, stays, lots, await lots_left(work, stays), holds, new_id=ids.new)
    return await book(work, plan, always=[gone, stays])
