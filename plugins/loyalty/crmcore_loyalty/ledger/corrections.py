"""Undoing, correcting, giving and joining as mutations; each asks for a right, and for the member to be within reach."""

from __future__ import annotations

from typing import Annotated, Any
from uuid import UUID

from crmcore import Ref, Row, Work, action
from crmcore_loyalty.ledger import adjusting, closing, pending, reversing, transferring
from crmcore_loyalty.ledger.arguments import (
    At,
    Currency,
    Id,
    Member,
    Of,
    Part,
    Points,
    Reason,
    SourceId,
    SourceType,
    currency_of,
    source_of,
)
from crmcore_loyalty.ledger.keyed import id_of
from crmcore_loyalty.ledger.permissions import ACCRUE, ADJUST, MERGE, REVERSE, TRANSFER

__all__ = [
    "loyalty_activate",
    "loyalty_adjust",
    "loyalty_cancel_pending",
    "loyalty_merge_members",
    "loyalty_reverse",
    "loyalty_transfer",
]

_MOVES: Any = {"returns": "loyalty_transaction", "since": "0.1.0", "isolation": "read committed"}


@action(permission=REVERSE, **_MOVES)
async def loyalty_reverse(
    work: Work,
    transaction_id: Of,
    points: Part = None,
    id: Id = None,
    event_at: At = None,
    source_type: SourceType = None,
    source_id: SourceId = None,
    reason: Reason = None,
) -> Row:
    """Undo what was earned, spent, captured or adjusted, or a part of it.

    What was spent comes back to the lots it came from, with the expiry they have.
    """
    source = source_of(source_type, source_id)
    return await reversing.reverse(
        work, transaction_id, points, id=id_of(work, id), event_at=event_at, source=source, reason=reason
    )


@action(permission=ADJUST, **_MOVES)
async def loyalty_adjust(
    work: Work,
    member_id: Member,
    currency: Currency,
    points: Points,
    reason: Annotated[str, "Why, in a sentence, without personal data."],
    id: Id = None,
    event_at: At = None,
    source_type: SourceType = None,
    source_id: SourceId = None,
) -> Row:
    """Correct a balance by hand, up or, with points below 0, down."""
    currency_id, source = await currency_of(work, member_id, currency), source_of(source_type, source_id)
    return await adjusting.adjust(
        work, member_id, currency_id, points, reason, id=id_of(work, id), event_at=event_at, source=source
    )


@action(permission=TRANSFER, **_MOVES)
async def loyalty_transfer(
    work: Work,
    from_id: Annotated[UUID, Ref("loyalty_member"), "Who gives."],
    to_id: Annotated[UUID, Ref("loyalty_member"), "Who gets."],
    currency: Currency,
    points: Points,
    id: Id = None,
    event_at: At = None,
    source_type: SourceType = None,
    source_id: SourceId = None,
    reason: Reason = None,
) -> Row:
    """Give a member's points to another of the program; they keep when they were earned and when they expire."""
    currency_id, source = await currency_of(work, from_id, currency), source_of(source_type, source_id)
    return await transferring.transfer(
        work, from_id, to_id, currency_id, points, id=id_of(work, id), event_at=event_at, source=source, reason=reason
    )


@action(permission=ACCRUE, **_MOVES)
async def loyalty_activate(
    work: Work, transaction_id: Of, id: Id = None, event_at: At = None, reason: Reason = None
) -> Row:
    """Let what an accrual left pending be spent."""
    return await pending.activate(work, transaction_id, id=id_of(work, id), event_at=event_at, reason=reason)


@action(permission=ACCRUE, **_MOVES)
async def loyalty_cancel_pending(
    work: Work, transaction_id: Of, points: Part = None, id: Id = None, event_at: At = None, reason: Reason = None
) -> Row:
    """Say that what an accrual left pending will not come, or so many points of it."""
    return await pending.cancel_pending(
        work, transaction_id, points, id=id_of(work, id), event_at=event_at, reason=reason
    )


@action(returns="loyalty_member", permission=MERGE, since="0.1.0", isolation="read committed")
async def loyalty_merge_members(
    work: Work,
    from_id: Annotated[UUID, Ref("loyalty_member"), "Who goes."],
    into_id: Annotated[UUID, Ref("loyalty_member"), "Who stays."],
    reason: Reason = None,
) -> Row:
    """Let a member go on as another one of the program, with all its points, holds and debts; return who stays."""
    await closing.merge(work, from_id, into_id, id=id_of(work, None), reason=reason)
    return await work.get("loyalty_member", into_id)
