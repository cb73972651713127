"""A plugin that does not say since when a client may count on its mutation."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Annotated, Any
from uuid import UUID

from crmcore import Ref, Row, Work, action, hookimpl

plugin_name = "ageless"


@action(returns="customer")
async def ageless_look(work: Work, id: Annotated[UUID, Ref("customer"), "At whom."]) -> Row:
    """Look at a customer whom one may change."""
    return await work.get("customer", id, action="update")


@hookimpl
def crm_actions() -> Iterable[Any]:
    return [ageless_look]
