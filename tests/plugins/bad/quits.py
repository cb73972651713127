"""A plugin that gives up at the first failure."""

from __future__ import annotations

from collections.abc import Iterable

from crmcore import After, Crm, after, hookimpl
from crmcore.customers.events import CustomerCreated

plugin_name = "quits"


async def greet(crm: Crm, event: CustomerCreated) -> None:
    """Greet a new customer."""


@hookimpl
def crm_handlers() -> Iterable[After]:
    return [after(CustomerCreated, greet, retries=0)]
