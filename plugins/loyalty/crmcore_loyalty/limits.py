"""Limits against fraud: what one member may do within a time, looked at while its account is locked."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from crmcore import Work
from crmcore_loyalty.tables.ledger import LoyaltyTransactionKind
from crmcore_loyalty.tables.limits import LoyaltyLimitAction, LoyaltyLimitMetric
from crmcore_loyalty.tables.program import LoyaltyMemberStatus

__all__ = ["OverLimit", "check_limits"]

#: Which transactions of a member each metric adds up.
_ADDS_UP: Mapping[LoyaltyLimitMetric, tuple[LoyaltyTransactionKind, ...]] = {
    LoyaltyLimitMetric.EARNED: (LoyaltyTransactionKind.ACCRUAL,),
    LoyaltyLimitMetric.REDEEMED: (LoyaltyTransactionKind.REDEMPTION, LoyaltyTransactionKind.RESERVATION),
    LoyaltyLimitMetric.GIVEN: (LoyaltyTransactionKind.TRANSFER,),
    LoyaltyLimitMetric.TRANSACTIONS: (
        LoyaltyTransactionKind.ACCRUAL,
        LoyaltyTransactionKind.REDEMPTION,
        LoyaltyTransactionKind.RESERVATION,
        LoyaltyTransactionKind.TRANSFER,
    ),
}
_LIMITS = """
    select id, metric, hours, most, action from loyalty_limit
    where currency_id = $1 and active and deleted_at is null order by most, id
"""
_SUM = """
    select count(*), coalesce(sum(points), 0) from loyalty_transaction
    where member_id = $1 and currency_id = $2 and recorded_at > $3 and status = 'POSTED' and kind in ({kinds})
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class OverLimit:
    """That something would go over a limit.

    Attributes:

        code: LIMIT_EXCEEDED or REVIEW_REQUIRED.
        message: why, with the way out.
    """

    code: str
    message: str
    limit_id: UUID
    action: LoyaltyLimitAction
    member_id: UUID
    kind: LoyaltyTransactionKind
    points: int
    reached: int

    async def record(self, work: Work, transaction_id: UUID) -> None:
        """Open a case, and freeze the member, where the limit says so; told once more of one transaction, do nothing."""
        if self.action is LoyaltyLimitAction.BLOCK:
            return
        if await work.find("loyalty_case", transaction_id=str(transaction_id)):
            return
        case: dict[str, Any] = {"transaction_id": str(transaction_id), "kind": self.kind.name, "points": self.points}
        case |= {"member_id": self.member_id, "limit_id": self.limit_id, "reached": self.reached}
        await work.insert("loyalty_case", case)
        if self.action is LoyaltyLimitAction.FREEZE:
            await work.change("loyalty_member", self.member_id, {"status": LoyaltyMemberStatus.FROZEN.name})


async def check_limits(
    work: Work, *, currency_id: UUID, member_id: UUID, kind: LoyaltyTransactionKind, points: int, now: datetime
) -> OverLimit | None:
    """Say which limit something would go over, the strictest first, None if none.

    The member's account must be locked, so that nobody else's points come between the sum and what is written.

    Args:

        work: the unit of work.
        currency_id: which points.
        member_id: whose.
        kind: what is asked for.
        points: how many.
        now: until when the windows reach back.
    """
    for limit in await work.rows(_LIMITS, currency_id):
        metric = LoyaltyLimitMetric[limit["metric"]]
        if kind not in _ADDS_UP[metric]:
            continue
        times, moved = await _moved(work, currency_id, member_id, metric, now - timedelta(hours=limit["hours"]))
        reached = times + 1 if metric is LoyaltyLimitMetric.TRANSACTIONS else moved + points
        if reached > limit["most"]:
            return _over(limit, member_id, kind, points, reached)
    return None


async def _moved(
    work: Work, currency_id: UUID, member_id: UUID, metric: LoyaltyLimitMetric, since: datetime
) -> tuple[int, int]:
    kinds = ", ".join(f"'{kind.name}'" for kind in _ADDS_UP[metric])
    ((times, points),) = await work.database.fetch(_SUM.format(kinds=kinds), member_id, currency_id, since)
    return int(times), int(points)


def _over(
    limit: Mapping[str, Any], member_id: UUID, kind: LoyaltyTransactionKind, points: int, reached: int
) -> OverLimit:
    action = LoyaltyLimitAction[limit["action"]]
    window = f"{limit['most']} within {limit['hours']} hours"
    way_out = {
        LoyaltyLimitAction.BLOCK: "try less, or later",
        LoyaltyLimitAction.REVIEW: "somebody will look at it and may let it through",
        LoyaltyLimitAction.FREEZE: "the member is frozen until somebody has looked at it",
    }[action]
    return OverLimit(
        code="LIMIT_EXCEEDED" if action is LoyaltyLimitAction.BLOCK else "REVIEW_REQUIRED",
        message=f"This would make {reached} where the limit is {window}; {way_out}.",
        limit_id=limit["id"],
        action=action,
        member_id=member_id,
        kind=kind,
        points=points,
        reached=reached,
    )
