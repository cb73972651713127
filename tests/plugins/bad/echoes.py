"""A plugin that writes a note each time it hears of a customer, however often it hears of the same."""

from __future__ import annotations

from collections.abc import Iterable

from crmcore import Actor, After, Crm, actions, after, hookimpl
from crmcore.customers.events import CustomerCreated

plugin_name = "echoes"


async def note(crm: Crm, event: CustomerCreated) -> None:
    """Note that there is a new customer."""
    values = {"kind": "NOTE", "subject": "There you are", "customer_id": event.record_id, "occurred_at": event.at}
    await crm.run(Actor.system("echoes"), lambda work: actions.create(work, "interaction", values))


@hookimpl
def crm_handlers() -> Iterable[After]:
    return [after(CustomerCreated, note)]
