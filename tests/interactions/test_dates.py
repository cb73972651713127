"""lastInteractionAt and nextInteractionAt of customers are kept."""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta
from typing import Any

import pytest

from crmcore.entities import actions
from crmcore.entities.store import Row
from crmcore.entities.work import Work
from crmcore.interactions.actions import complete_interaction, log_interaction
from tests.customers.desk import ANA, Desk


async def dates(desk: Desk, customer: Row) -> tuple[datetime | None, datetime | None]:
    row = await desk.get("customer", customer["id"])
    return row["last_interaction_at"], row["next_interaction_at"]


async def test_they_follow_what_happens(desk: Desk) -> None:
    """The last is the latest completed one, the next the earliest planned one; completing the next makes it the last."""
    customer, now = await desk.person(), desk.clock.time
    assert (None, None) == await dates(desk, customer)
    await desk.do(log_interaction, "CALL", customer["id"])
    await desk.do(log_interaction, "CALL", customer["id"], occurred_at=now - timedelta(days=9))
    plan = {"kind": "CALL", "customer_id": customer["id"]}
    await desk.create("interaction", **plan, due_at=now + timedelta(days=2))
    soon = await desk.create("interaction", **plan, due_at=now + timedelta(days=1))
    assert (now, now + timedelta(days=1)) == await dates(desk, customer)
    later = desk.clock.pass_(days=1)
    await desk.do(complete_interaction, soon["id"])
    assert (later, now + timedelta(days=2)) == await dates(desk, customer)


async def test_attempts_do_not_count(desk: Desk) -> None:
    """Nobody had to do with a customer who did not answer; what is cancelled is not next."""
    customer, now = await desk.person(), desk.clock.time
    tried = {"kind": "CALL", "customer_id": customer["id"], "occurred_at": now, "due_at": now}
    for status in ("NO_ANSWER", "FAILED", "CANCELLED"):
        await desk.create("interaction", **tried, status=status)
    assert (None, None) == await dates(desk, customer)


async def test_they_follow_deleting_restoring_and_destroying(desk: Desk) -> None:
    """What is gone does not count, what is back does."""
    customer, now = await desk.person(), desk.clock.time
    row = await desk.do(log_interaction, "CALL", customer["id"])
    await desk.do(actions.delete, "interaction", row["id"])
    assert (None, None) == await dates(desk, customer)
    await desk.do(actions.restore, "interaction", row["id"])
    assert (now, None) == await dates(desk, customer)
    await desk.do(actions.destroy, "interaction", row["id"])
    assert (None, None) == await dates(desk, customer)


async def test_they_follow_a_change_of_customer(desk: Desk) -> None:
    """An interaction that belongs to another customer leaves the one and comes to the other."""
    a, b = await desk.person("A"), await desk.person("B")
    row = await desk.do(log_interaction, "CALL", a["id"])
    await desk.update("interaction", row["id"], customer_id=b["id"])
    assert ((None, None), (desk.clock.time, None)) == (await dates(desk, a), await dates(desk, b))


async def test_they_are_not_a_change_of_the_customer(desk: Desk) -> None:
    """Whoever edits the customer meanwhile is not told of a conflict."""
    customer = await desk.person()
    await desk.do(log_interaction, "CALL", customer["id"])
    row = await desk.do(actions.update, "customer", customer["id"], {"job_title": "Buyer"}, expected_version=1)
    assert 2 == row["version"]


async def test_sqlite_writes_them_only_where_they_move(desk: Desk) -> None:
    """PostgreSQL always does, so that of two at the same moment the later one sees the earlier."""
    if desk.crm.database.dialect == "postgresql":
        pytest.skip("there it is written")
    customer, now = await desk.person(), desk.clock.time
    await desk.crm.database.script(
        [
            "create table moved (number integer primary key)",
            "create trigger moving after update on customer begin insert into moved values (null); end",
        ]
    )
    plan = {"kind": "CALL", "customer_id": customer["id"]}
    for days in (9, 10, 9, 8):
        await desk.do(log_interaction, "CALL", customer["id"], occurred_at=now - timedelta(days=days))
        await desk.create("interaction", **plan, due_at=now + timedelta(days=days))
    assert 4 == await desk.crm.database.fetch_value("select count(*) from moved")


async def test_they_are_true_after_two_at_the_same_moment(desk: Desk) -> None:
    """One deletes the last interaction while another logs an older one that the first does not see."""
    customer, now = await desk.person(), desk.clock.time
    last = await desk.do(log_interaction, "CALL", customer["id"], occurred_at=now - timedelta(days=1))
    both = asyncio.Barrier(2) if desk.crm.database.dialect == "postgresql" else None

    async def at_once(function: Any, *args: Any, **more: Any) -> None:
        first = True

        async def unit(work: Work) -> None:
            nonlocal first
            await work.find("customer", id=customer["id"])
            if both and first:
                first = False
                await both.wait()
            await function(work, *args, **more)

        await desk.crm.run(ANA, unit)

    older = now - timedelta(days=2)
    await asyncio.gather(
        at_once(actions.delete, "interaction", last["id"]),
        at_once(log_interaction, "CALL", customer["id"], occurred_at=older),
    )
    assert (older, None) == await dates(desk, customer)
