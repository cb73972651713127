"""A plugin with an action that asks nobody for permission."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Annotated, Any
from uuid import UUID

from crmcore import Ref, Row, Work, action, hookimpl

plugin_name = "doorless"


@action(returns="customer", since="0.1.0")
async def doorless_forget_name(work: Work, id: Annotated[UUID, Ref("customer"), "Whose."]) -> Row:
    """Take away a customer's given name."""
    await work.change("customer", id, {"given_name": None})
    return (await work.find("customer", id=id))[0]


@hookimpl
def crm_actions() -> Iterable[Any]:
    return [doorless_forget_name]
