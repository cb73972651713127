"""A plugin that falls short of nothing: the others show what it takes to spoil it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Annotated, Any
from uuid import UUID

import msgspec

from crmcore import Permission, Ref, Row, Work, action, hookimpl

plugin_name = "plain"


class PlainSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How plain it is.

    Attributes:

        shade: of grey, in percent.
    """

    shade: int = 50


@action(returns="customer", permission="plain.look", since="0.1.0")
async def plain_look(work: Work, id: Annotated[UUID, Ref("customer"), "At whom."]) -> Row:
    """Look at a customer, plainly."""
    return await work.get("customer", id)


@hookimpl
def crm_settings() -> type[PlainSettings]:
    return PlainSettings


@hookimpl
def crm_permissions() -> Iterable[Permission]:
    return [Permission("plain.look", "Look at customers, plainly.")]


@hookimpl
def crm_actions() -> Iterable[Any]:
    return [plain_look]
