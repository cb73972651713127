"""An order earns when the program says so, and keeps of that what it keeps of its money.

Whatever happens to an order, and in whatever order that is told, the same is done: look at the order as it stands now, and
bring what it earned to what it should have. A refund that is told before the payment comes out as one that is told after it.
"""

from __future__ import annotations

import json
from datetime import datetime
from uuid import UUID, uuid5

from crmcore import Row, Work, ids
from crmcore_loyalty import ledger
from crmcore_loyalty.earning.giving import Happening, give
from crmcore_loyalty.earning.members import facts_of
from crmcore_loyalty.earning.purchases import kept, lines_of, purchase
from crmcore_loyalty.earning.tracing import parts
from crmcore_loyalty.ledger import Source
from crmcore_loyalty.program.enrolling import enrol, member_of
from crmcore_loyalty.settings import LoyaltySettings
from crmcore_loyalty.tables.ledger import LoyaltyTransactionKind, LoyaltyTransactionStatus
from crmcore_loyalty.tables.program import LoyaltyJoinPolicy, LoyaltyOrderTrigger, LoyaltyProgramStatus
from crmcore_loyalty.tables.rule_terms import LoyaltyRuleTrigger as Trigger

__all__ = ["SOURCE", "instant_of", "reached_at", "settle"]

SOURCE = "order"

_MAKE = """
    insert into loyalty_order_earning (id, order_id, program_id) values ($1, $2, $3)
    on conflict (order_id, program_id) do nothing
"""
_READ = "select id, member_id, earned_at from loyalty_order_earning where order_id = $1 and program_id = $2"
_EARNED = "update loyalty_order_earning set member_id = $2, earned_at = $3 where id = $1"
_FIRST = "select 1 from loyalty_order_earning where member_id = $1 and earned_at is not null limit 1"
_GIVEN = """
    select t.id, t.points, t.trace, coalesce((
        select sum(b.points) from loyalty_transaction b
        where b.reverses_id = t.id and b.status = $3 and b.kind in ($5, $6)
    ), 0) as undone
    from loyalty_transaction t join loyalty_currency c on c.id = t.currency_id
    where t.source_type = 'order' and t.source_id = $1 and c.program_id = $2 and t.status = $3 and t.kind = $4
    order by t.id
"""
_INSTANT = {
    LoyaltyOrderTrigger.PLACED.name: "placed_at",
    LoyaltyOrderTrigger.PAID.name: "paid_at",
    LoyaltyOrderTrigger.COMPLETED.name: "completed_at",
}


def reached_at(program: Row, order: Row) -> datetime | None:
    """Return when an order came so far that it earns; None if it has not, or never will."""
    column = instant_of(program)
    return order[column] if column is not None else None


def instant_of(program: Row) -> str | None:
    """Return the column of an order that says when it earns; None where orders earn nothing."""
    return _INSTANT.get(program["order_trigger"])


async def settle(work: Work, program: Row, order_id: UUID) -> None:
    """Bring what an order earned in a program to what it should have; run it with `isolation="read committed"`."""
    await work.database.execute(_MAKE, ids.new(), str(order_id), program["id"])
    hold = " for update" if work.database.dialect == "postgresql" else ""
    # Whoever settles the same order waits here; what follows is read after the lock.
    (earning,) = await work.rows(f"{_READ}{hold}", str(order_id), program["id"])
    found = await work.find("order", id=order_id)
    order, lines = (found[0], await lines_of(work, order_id)) if found else (None, [])
    if earning["earned_at"] is None and order is not None:
        await _earn(work, program, earning, order, lines)
    await _take_back(work, program, order_id, order, lines)


async def _earn(work: Work, program: Row, earning: Row, order: Row, lines: list[Row]) -> None:
    at = reached_at(program, order)
    active = program["status"] == LoyaltyProgramStatus.ACTIVE.name
    if at is None or not active or order["cancelled_at"] is not None or order["customer_id"] is None:
        return
    member = await _member(work, program, order["customer_id"], at)
    if member is None or (at < member["enrolled_at"] and not work.settings[LoyaltySettings].earn_on_import):
        return
    first = not await work.rows(_FIRST, member["id"])
    await work.database.execute(_EARNED, earning["id"], member["id"], at)
    seen = await purchase(work, order, lines, first=first)
    source = Source(type=SOURCE, id=str(order["id"]))
    triggers = {Trigger.ORDER, Trigger.ORDER_LINE}
    facts = await facts_of(work, program, member, triggers, at, purchase=seen)
    happenings = [Happening(id=uuid5(order["id"], str(program["id"])), facts=facts, source=source)]
    if first and facts.referrer_id is not None:
        brought = await facts_of(work, program, member, {Trigger.REFERRAL}, at, purchase=seen)
        happenings.append(Happening(id=uuid5(member["id"], "referral"), facts=brought, source=source))
    await give(work, program, happenings)


async def _member(work: Work, program: Row, customer_id: UUID, at: datetime) -> Row | None:
    member = await member_of(work, program["id"], customer_id)
    if member is None and program["join_policy"] == LoyaltyJoinPolicy.FIRST_ORDER.name:
        member = await enrol(work, program["id"], customer_id, enrolled_at=at)
    return member


async def _take_back(work: Work, program: Row, order_id: UUID, order: Row | None, lines: list[Row]) -> None:
    posted, accrual = LoyaltyTransactionStatus.POSTED.name, LoyaltyTransactionKind.ACCRUAL.name
    undoing = (LoyaltyTransactionKind.REVERSAL.name, LoyaltyTransactionKind.CANCELLATION.name)
    given = await work.rows(_GIVEN, str(order_id), program["id"], posted, accrual, *undoing)
    for one in given:
        trace = json.loads(one["trace"]) if isinstance(one["trace"], str) else one["trace"]
        points, undone = int(one["points"]), int(one["undone"])
        should = kept(points, parts(trace), order, lines)
        if (over := points - undone - should) <= 0:
            continue
        await ledger.reverse(
            work,
            one["id"],
            over,
            # By how many points are gone after it: told twice, it is the same one.
            id=uuid5(one["id"], f"back:{undone + over}"),
            source=Source(type=SOURCE, id=str(order_id)),
            reason="The order was cancelled or given back.",
            trace={"steps": [f"The order keeps {should} of {points} points, as much as of its money."], "kept": should},
        )
