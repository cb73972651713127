"""Evaluates a whole ladder, or what time alone has changed, lot by lot: each lot is a transaction, so it can be broken off."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from uuid import UUID

from crmcore import Actor, Crm, Row, clock
from crmcore_loyalty.tiers.ladder import Ladder
from crmcore_loyalty.tiers.reading import ladders
from crmcore_loyalty.tiers.requalify import evaluated, requalify
from crmcore_loyalty.tiers.standing import Evaluation
from crmcore_loyalty.tiers.writing import differs

__all__ = ["differing", "recalculate", "recalculate_due"]

#: Members a transaction.
_LOT = 2000
#: So many transactions at once: while the database does its part of one, this process does that of another.
_AT_ONCE = 3
_READ = _LOT * _AT_ONCE
_ALL = (
    "select id from loyalty_member where program_id = $1 and id > $2 and status in ('ACTIVE', 'FROZEN') "
    f"and deleted_at is null order by id limit {_READ}"
)
_DUE = (
    "select s.member_id from loyalty_standing s join loyalty_member m on m.id = s.member_id "
    "and m.status in ('ACTIVE', 'FROZEN') and m.deleted_at is null "
    f"where s.group_id = $1 and s.member_id > $2 and s.due_at <= $3 order by s.member_id limit {_READ}"
)
_STANDINGS = (
    "select s.*, m.enrolled_at from loyalty_standing s join loyalty_member m on m.id = s.member_id "
    "and m.status in ('ACTIVE', 'FROZEN') and m.deleted_at is null "
    f"where s.group_id = $1 and s.member_id > $2 order by s.member_id limit {_LOT}"
)
_FIRST = UUID(int=0)


async def recalculate(crm: Crm, actor: Actor, ladder: Ladder) -> tuple[int, int]:
    """Evaluate everybody on a ladder; return how many were looked at, and how many standings changed."""

    async def read(after: UUID) -> Sequence[tuple[UUID]]:
        return await crm.database.fetch(_ALL, ladder.program_id, after)

    return await _through(crm, actor, ladder, read)


async def recalculate_due(crm: Crm, actor: Actor) -> tuple[int, int]:
    """Evaluate those whose standing time alone may have changed; return the same."""
    looked, changed, now = 0, 0, clock.now()
    for ladder in await ladders(crm.database):

        async def read(after: UUID, group: UUID = ladder.id) -> Sequence[tuple[UUID]]:
            return await crm.database.fetch(_DUE, group, after, now)

        more = await _through(crm, actor, ladder, read)
        looked, changed = looked + more[0], changed + more[1]
    return looked, changed


async def differing(crm: Crm, actor: Actor, ladder: Ladder) -> AsyncIterator[tuple[Row, Evaluation]]:
    """Give the standings that would be others if they were evaluated now; nothing is written.

    There are none, but for those that are due and those of whom jobs still wait.
    """
    after = _FIRST
    while rows := await crm.database.fetch_dicts(_STANDINGS, ladder.id, after):
        outcomes = await crm.run(actor, lambda work, rows=rows: evaluated(work, ladder, rows))  # type: ignore[misc]
        for outcome in outcomes:
            if differs(outcome):
                yield outcome.row, outcome.evaluation
        after = rows[-1]["member_id"]


async def _through(
    crm: Crm, actor: Actor, ladder: Ladder, read: Callable[[UUID], Awaitable[Sequence[tuple[UUID]]]]
) -> tuple[int, int]:
    looked, changed, after = 0, 0, _FIRST
    while members := [member for (member,) in await read(after)]:
        async with asyncio.TaskGroup() as group:
            lots = [
                group.create_task(_lot(crm, actor, ladder, members[begin : begin + _LOT]))
                for begin in range(0, len(members), _LOT)
            ]
        changed += sum(lot.result() for lot in lots)
        looked, after = looked + len(members), members[-1]
    return looked, changed


async def _lot(crm: Crm, actor: Actor, ladder: Ladder, members: Sequence[UUID]) -> int:
    return await crm.run(actor, lambda work: requalify(work, ladder, members), isolation="read committed")
