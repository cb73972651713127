"""After-handlers that say which events they are told of."""

from __future__ import annotations

from crmcore import Created, Crm, Event, after
from crmcore.events import Handlers
from crmcore.testing import TestCrm


async def greet(crm: Crm, event: Created) -> None:
    """Greet somebody."""


async def test_no_job_is_written_for_what_a_handler_says_no_to(crm: TestCrm) -> None:
    """It looks at the event alone; without `when` it is told of each."""
    await crm.make("customer", given_name="Ada")
    await crm.make("tag")
    customer, tag = (e for e in await crm.happened(Created) if e.entity in ("customer", "tag"))

    def people(event: Event) -> bool:
        return event.entity == "customer"

    choosy, eager = Handlers([after(Created, greet, when=people)]), Handlers([after(Created, greet)])

    assert (1, 0, 1) == (len(choosy.rows_after(customer)), len(choosy.rows_after(tag)), len(eager.rows_after(tag)))
