"""What creates cause that are committed together: each its own, as if it had been alone."""

from __future__ import annotations

import asyncio

from crmcore import Crm
from tests.customers.desk import ANA

CREATE = """mutation ($name: String!) { createCustomer(data: {kind: PERSON, displayName: $name}) {
  ... on Customer { id } ... on Problem { code message } } }"""


async def test_each_event_has_its_jobs(crm: Crm) -> None:
    """One job an after-handler and event, with the event's id, and events in the order of their creates."""
    await asyncio.gather(*(crm.execute(CREATE, {"name": f"M {n}"}, actor=ANA) for n in range(2)))
    before = {id for (id,) in await crm.database.fetch("select id from crm_event")}

    made = await asyncio.gather(*(crm.execute(CREATE, {"name": f"N {n}"}, actor=ANA) for n in range(12)))

    ids = [answer["data"]["createCustomer"]["id"].removeprefix("customer_") for answer in made]
    events = await crm.database.fetch(
        "select id, record_id, type, transaction_id from crm_event order by era, transaction_id, position"
    )
    created = [event for event in events if event[0] not in before and event[2] == "customer.created"]
    jobs = await crm.database.fetch("select event_id, lane from crm_job where name like '%.hear'")
    jobs = [job for job in jobs if str(job[0]) in {str(id) for id, *_ in created}]
    assert ids == [str(record) for _, record, _, _ in created]
    assert len(created) == len(jobs)
    lanes = {str(id): lane for id, lane in jobs}
    assert all(str(record) in lanes[str(id)] for id, record, *_ in created)
    if crm.database.dialect == "postgresql":
        assert 1 == len({transaction for *_, transaction in created})
