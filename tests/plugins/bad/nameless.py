"""A plugin whose jobs wait under the name of a place in its code."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable

from crmcore import After, Crm, after, hookimpl
from crmcore.customers.events import CustomerCreated

plugin_name = "nameless"


def greeting(words: str) -> Callable[[Crm, CustomerCreated], Awaitable[None]]:
    async def greet(crm: Crm, event: CustomerCreated) -> None:
        """Say it to somebody."""

    return greet


@hookimpl
def crm_handlers() -> Iterable[After]:
    return [after(CustomerCreated, greeting("hello"))]
