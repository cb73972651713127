"""Tiers follow what happens: points, orders, recorded actions, new members, other rules. All of it may be told twice."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from crmcore_orders.events import OrderCancelled, OrderCompleted, OrderPaid, OrderPlaced, OrderRefunded

from crmcore import Actor, Crm, Event, Run, Schedule, Work, job
from crmcore_loyalty.earning.events import LoyaltyActivityCreated
from crmcore_loyalty.events import LoyaltyPointsChanged
from crmcore_loyalty.program.events import LoyaltyMemberCreated
from crmcore_loyalty.tables.tiers import LoyaltyTierMetric
from crmcore_loyalty.tiers import reading
from crmcore_loyalty.tiers.recalculate import recalculate, recalculate_due
from crmcore_loyalty.tiers.requalify import requalify

__all__ = [
    "ORDER_EVENTS",
    "REQUALIFYING",
    "counts",
    "recount",
    "recount_ladder",
    "requalify_buyer",
    "requalify_due",
    "requalify_earner",
    "requalify_ladder",
    "requalify_newcomer",
    "requalify_visitor",
]

_SELF = Actor.system("loyalty tiers")
#: Transactions that change what counts; redeeming and expiring do not.
_COUNTING = frozenset({"ACCRUAL", "CANCELLATION", "REVERSAL", "ADJUSTMENT", "MERGE"})
#: Events after which an order counts, or counts less.
ORDER_EVENTS = (OrderPlaced, OrderPaid, OrderCompleted, OrderCancelled, OrderRefunded)
#: Whoever sets up a ladder changes it several times in a row.
_SETTLED = timedelta(seconds=5)
_CHANGED_LATER = (
    "select 1 from loyalty_tier_group where id = $1 and updated_at > $2 "
    "union all select 1 from loyalty_tier where group_id = $1 and updated_at > $2 limit 1"
)


def counts(event: LoyaltyPointsChanged) -> bool:
    """Say whether tiers go by what changed."""
    return event.counted and event.kind in _COUNTING


async def requalify_earner(crm: Crm, event: LoyaltyPointsChanged) -> None:
    """Evaluate a member whose points changed in a way that counts."""
    await _requalify(crm, [event.record_id], (LoyaltyTierMetric.POINTS,), currency_id=event.currency_id)


async def requalify_visitor(crm: Crm, event: LoyaltyActivityCreated) -> None:
    """Evaluate a member of whom an action was recorded."""
    await _requalify(crm, [event.after["member_id"]], (LoyaltyTierMetric.VISITS,))


async def requalify_newcomer(crm: Crm, event: LoyaltyMemberCreated) -> None:
    """Let a new member stand on all ladders of the program."""
    await _requalify(crm, [event.record_id], LoyaltyTierMetric)


async def requalify_buyer(crm: Crm, event: Any) -> None:
    """Evaluate the member whose order counts now, or counts less; one of `ORDER_EVENTS`."""
    customer = event.after["customer_id"]
    if customer is None:
        return
    members = await crm.database.fetch("select id from loyalty_member where customer_id = $1", customer)
    await _requalify(crm, [member for (member,) in members], (LoyaltyTierMetric.SPEND,))


async def _requalify(
    crm: Crm, members: Sequence[UUID], metrics: Iterable[LoyaltyTierMetric], *, currency_id: UUID | None = None
) -> None:
    for ladder, there in await reading.ladders_of_members(crm.database, members, metrics):
        if currency_id is None or ladder.currency_id == currency_id:
            await crm.run(
                _SELF,
                lambda work, ladder=ladder, there=there: requalify(work, ladder, there),  # type: ignore[misc]
                isolation="read committed",
            )


async def recount(work: Work, event: Event) -> None:
    """Have everybody on a ladder evaluated whose rules were changed."""
    await work.put(requalify_ladder(group_id=event.record_id, changed_at=work.now), delay=_SETTLED)


async def recount_ladder(work: Work, event: Any) -> None:
    """Have everybody on a ladder evaluated whose tiers were changed."""
    await work.put(requalify_ladder(group_id=event.after["group_id"], changed_at=work.now), delay=_SETTLED)


@job(at_once=1, per="group_id", timeout=3600)
async def requalify_ladder(run: Run, group_id: UUID, changed_at: datetime) -> None:
    """Evaluate everybody on a ladder, unless it was changed again since: then another job does."""
    if await run.crm.database.fetch_value(_CHANGED_LATER, group_id, changed_at):
        return
    if (ladder := await reading.ladder(run.crm.database, group_id)) is not None:
        await recalculate(run.crm, run.actor, ladder)


@job(at_once=1, timeout=3600)
async def requalify_due(run: Run) -> None:
    """Evaluate those whose standing time alone may have changed: periods, grace days, what was given by hand."""
    await recalculate_due(run.crm, run.actor)


#: Days end at another hour in each time zone.
REQUALIFYING = Schedule(requalify_due(), cron="2,32 * * * *")
