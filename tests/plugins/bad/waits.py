"""A plugin that asks another server while everybody waits for the transaction to end."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable

from crmcore import Inside, Work, errors, hookimpl, inside
from crmcore.customers.events import CustomerCreated

plugin_name = "waits"


async def screen(work: Work, event: CustomerCreated) -> None:
    """Ask whether a customer is welcome."""
    try:
        await asyncio.open_connection("screening.example.com", 443)
    except OSError as error:
        raise errors.Unavailable("Nobody knows whether they are welcome.") from error


@hookimpl
def crm_handlers() -> Iterable[Inside]:
    return [inside(CustomerCreated, screen)]
