"""A plugin that has a permission, demanded by an action."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Annotated, Any
from uuid import UUID

from crmcore import Permission, Ref, Row, Work, action, hookimpl

plugin_name = "stamps"


@action(returns="customer", permission="stamps.use")
async def stamps_look(work: Work, id: Annotated[UUID, Ref("customer"), "Whom."]) -> Row:
    """Look at a customer through a magnifying glass."""
    return await work.get("customer", id)


@hookimpl
def crm_permissions() -> Iterable[Permission]:
    return [Permission("stamps.use", "Use stamps.")]


@hookimpl
def crm_actions() -> Iterable[Any]:
    return [stamps_look]
