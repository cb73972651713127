"""A ledger in which everything has happened once."""

from __future__ import annotations

import contextlib
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from crmcore_loyalty import ledger
from crmcore_loyalty.ledger import Accrual, Redemption, Reservation
from crmcore_loyalty.program.enrolling import enrol

from crmcore import Actor, Work, errors
from crmcore.testing import TestCrm

__all__ = ["MONDAY", "run", "world"]

MONDAY = datetime(2027, 3, 1, 12, tzinfo=UTC)
_SYSTEM = Actor.system("verify")


async def run(crm: TestCrm, unit: Callable[[Work], Awaitable[Any]]) -> Any:
    """Do something as the ledger's actions do."""
    return await crm.run(_SYSTEM, unit, isolation="read committed")


async def world(crm: TestCrm) -> tuple[UUID, list[UUID]]:
    """Let two members earn, wait, spend, reserve, undo, give away and lose; return the currency and the members."""
    crm.clock.set(MONDAY)
    program = await crm.make("loyalty_program", status="ACTIVE")
    currency = await crm.make(
        "loyalty_currency", program=program, expiry="ROLLING", expiry_days=30, transferable=True, floor=-100
    )
    points: UUID = currency["id"]
    members = []
    for _ in range(2):
        customer = await crm.make("customer")
        member = await run(crm, lambda work, who=customer["id"]: enrol(work, program["id"], who))  # type: ignore[misc]
        members.append(member["id"])
    ada, bob = members

    async def earn(who: UUID, many: int, **more: Any) -> UUID:
        asked = Accrual(member_id=who, currency_id=points, points=many, **more)
        done = await run(crm, lambda work: ledger.accrue(work, asked))
        crm.clock.move(hours=1)
        id: UUID = done["id"]
        return id

    await earn(ada, 100)
    waiting = await earn(ada, 50, active_at=None)
    spent = await run(crm, lambda work: ledger.redeem(work, Redemption(member_id=ada, currency_id=points, points=30)))
    await run(crm, lambda work: ledger.reverse(work, spent["id"], 10))
    for many in (20, 5, 7):
        asked = Reservation(member_id=ada, currency_id=points, points=many)
        hold = await run(crm, lambda work, asked=asked: ledger.reserve(work, asked))  # type: ignore[misc]
        if many == 20:
            await run(crm, lambda work, hold_id=hold["id"]: ledger.capture(work, hold_id, 12))  # type: ignore[misc]
        elif many == 5:
            await run(crm, lambda work, hold_id=hold["id"]: ledger.void(work, hold_id))  # type: ignore[misc]
    await run(crm, lambda work: ledger.activate(work, waiting))
    await run(crm, lambda work: ledger.transfer(work, ada, bob, points, 15))
    await run(crm, lambda work: ledger.adjust(work, bob, points, 3, "A gift."))
    with contextlib.suppress(errors.Declined):
        await run(crm, lambda work: ledger.redeem(work, Redemption(member_id=bob, currency_id=points, points=999)))
    lost = await earn(bob, 40)
    await run(crm, lambda work: ledger.reverse(work, lost))
    crm.clock.move(days=31)
    await earn(ada, 60)
    await ledger.expire_due(crm)
    return points, members
