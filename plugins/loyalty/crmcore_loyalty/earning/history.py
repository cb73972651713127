"""What has happened in a program between two instants, as rules would have seen it."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from crmcore import Row, Work
from crmcore_loyalty.earning.activities import VISIT
from crmcore_loyalty.earning.facts import Facts
from crmcore_loyalty.earning.members import facts, tiers_of
from crmcore_loyalty.earning.purchases import lines_of, purchase
from crmcore_loyalty.earning.settling import instant_of
from crmcore_loyalty.tables.rule_terms import LoyaltyRuleTrigger as Trigger

__all__ = ["happened"]

_PAGE = 500
_ORDERS = """
    select o.id, o.{at} as at, m.id as member_id,
        not exists (
            select 1 from orders_order e
            where e.customer_id = o.customer_id and e.{at} < o.{at} and e.cancelled_at is null and e.deleted_at is null
        ) as first
    from orders_order o join loyalty_member m on m.customer_id = o.customer_id and m.program_id = $1
    where o.{at} >= $2 and o.{at} < $3 and o.cancelled_at is null and o.deleted_at is null and m.enrolled_at <= o.{at}
        and (o.{at} > $4 or (o.{at} = $4 and o.id > $5))
    order by o.{at}, o.id limit $6
"""
_ACTIVITIES = """
    select a.id, a.occurred_at as at, a.member_id, a.action, a.payload
    from loyalty_activity a join loyalty_member m on m.id = a.member_id and m.program_id = $1
    where a.occurred_at >= $2 and a.occurred_at < $3 and (a.occurred_at > $4 or (a.occurred_at = $4 and a.id > $5))
    order by a.occurred_at, a.id limit $6
"""
_NOTHING = UUID(int=0)


async def happened(work: Work, program: Row, begin: datetime, end: datetime) -> AsyncIterator[Sequence[Facts]]:
    """Give orders and then activities, each by time, some at once, so that any number fits into memory."""
    if (column := instant_of(program)) is not None:
        async for page in _pages(work, _ORDERS.format(at=column), program, begin, end):
            yield await _orders(work, program, page)
    async for page in _pages(work, _ACTIVITIES, program, begin, end):
        yield await _activities(work, program, page)


async def _pages(work: Work, sql: str, program: Row, begin: datetime, end: datetime) -> AsyncIterator[list[Row]]:
    at, id = begin, _NOTHING
    while page := await work.rows(sql, program["id"], begin, end, at, id, _PAGE):
        yield page
        at, id = page[-1]["at"], page[-1]["id"]


async def _orders(work: Work, program: Row, page: list[Row]) -> list[Facts]:
    members, tiers = await _members(work, page)
    seen: list[Facts] = []
    for row in page:
        member = members[row["member_id"]]
        (order,) = await work.find("order", id=row["id"])
        bought = await purchase(work, order, await lines_of(work, row["id"]), first=bool(row["first"]))
        triggers = {Trigger.ORDER, Trigger.ORDER_LINE} | ({Trigger.REFERRAL} if row["first"] else set())
        if member["referrer_id"] is None:
            triggers.discard(Trigger.REFERRAL)
        seen.append(_facts(program, member, tiers, triggers, row["at"], purchase=bought))
    return seen


async def _activities(work: Work, program: Row, page: list[Row]) -> list[Facts]:
    members, tiers = await _members(work, page)
    seen: list[Facts] = []
    for row in page:
        payload = json.loads(row["payload"]) if isinstance(row["payload"], str) else row["payload"]
        triggers = {Trigger.ACTION} | ({Trigger.VISIT} if row["action"] == VISIT else set())
        done = {"action": row["action"], "payload": payload or {}}
        seen.append(_facts(program, members[row["member_id"]], tiers, triggers, row["at"], **done))
    return seen


async def _members(work: Work, page: list[Row]) -> tuple[dict[UUID, Row], dict[UUID, list[str]]]:
    wanted = {row["member_id"] for row in page}
    members = {id: (await work.find("loyalty_member", id=id))[0] for id in wanted}
    return members, await tiers_of(work, wanted)


def _facts(program: Row, member: Row, tiers: Any, triggers: set[Trigger], at: datetime, **more: Any) -> Facts:
    return facts(
        program, member, triggers, at, member_tiers=tiers[member["id"]], referrer_id=member["referrer_id"], **more
    )
