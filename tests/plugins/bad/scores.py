"""A plugin whose mutation has a name that another plugin may well have too."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Annotated, Any
from uuid import UUID

from crmcore import Ref, Row, Work, action, hookimpl

plugin_name = "scores"


@action(returns="customer")
async def rate(work: Work, id: Annotated[UUID, Ref("customer"), "Whom."]) -> Row:
    """Rate a customer."""
    return await work.get("customer", id, action="update")


@hookimpl
def crm_actions() -> Iterable[Any]:
    return [rate]
