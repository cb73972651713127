"""What a customer's last interactions cost."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from crmcore.app import Crm
from crmcore.database import ids
from tests.customers.desk import ANA, Desk
from tests.graphql.work import work

_LAST = """query ($id: ID!) { customer(id: $id) {
    interactions(orderBy: [{field: OCCURRED_AT, direction: DESC}], first: 5) { nodes { subject occurredAt } } } }"""


async def test_a_long_history_costs_no_more_than_a_short_one(crm: Crm, desk: Desk) -> None:
    """Its order is that of an index, ids included: what is not shown is neither read nor sorted."""

    async def met(customer: UUID, times: int) -> None:
        for n in range(times):
            at = desk.clock.time - timedelta(hours=n % 40)  # some at the same moment
            await desk.create(
                "interaction", customer_id=customer, kind="CALL", status="COMPLETED", subject=f"{n}", occurred_at=at
            )

    async def cost(customer: UUID) -> int:
        asked = {"id": ids.encode("customer", customer)}
        answer = await crm.execute(_LAST, asked, actor=ANA)
        assert 5 == len(answer["data"]["customer"]["interactions"]["nodes"])
        plan = crm.planner.explain(crm.documents.get(_LAST), asked, ANA)
        return await work(crm.database, plan.sql, plan.parameters)

    short, long = (await desk.person())["id"], (await desk.person())["id"]
    await met(short, 6)
    await met(long, 120)
    await crm.database.execute("analyze")
    assert await cost(long) <= await cost(short) + 20  # instructions, or buffers: a handful of either more
