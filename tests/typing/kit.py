"""The tests of a plugin, with the test kit."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from crmcore import Actor
from crmcore.customers.events import CustomerCreated
from crmcore.testing import (
    Clock,
    Crashed,
    DoneJob,
    Factory,
    Made,
    Queries,
    Received,
    Receiver,
    TestCrm,
    WaitingJob,
    contract,
    crash_after,
)

check = contract("visits", tier="gold")


async def make_visit(crm: TestCrm, given: Mapping[str, Any]) -> Mapping[str, Any]:
    """Complete what a test gives."""
    return {"title": "A", **given}


FACTORIES: dict[str, Factory] = {"visit": make_visit}


async def use(crm: TestCrm) -> None:
    """All that a test does with a CRM."""
    ada: Made = await crm.make("customer", given_name="Ada")
    await crm.execute("{ me { id } }", {"id": ada["id"]}, as_="sales")
    await crm.execute("{ me { id } }", actor=Actor.system())
    clock: Clock = crm.clock
    clock.move(days=1, hours=2)
    clock.set(datetime(2026, 1, 1, tzinfo=UTC))
    happened: list[Any] = await crm.happened(CustomerCreated)
    waiting: list[WaitingJob] = await crm.waiting("visits.remind")
    done: list[DoneJob] = await crm.work_off(failed=True)
    receiver: Receiver = crm.webhooks
    await receiver.endpoint("customer.created", as_="admin")
    received: list[Received] = list(receiver.received)
    with crm.assert_queries(1) as queries:
        counted: Queries = queries
    try:
        with crash_after("commit"):
            pass
    except Crashed:
        crm.plugins.count((happened, waiting[0].at, done[0].error, received[0].data, counted))
