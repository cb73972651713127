"""A plugin with a field that asks the database once for every customer on a page."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import strawberry

from crmcore import Extension, extend, hookimpl

plugin_name = "chatty"


@strawberry.field(description="How many customers there are beside this one.")
async def chatty_others(info: strawberry.Info[Any, None]) -> int:
    found = await info.context.crm.database.fetch_value("select count(*) from customer")
    return int(found) - 1


@hookimpl
def crm_graphql() -> Iterable[Extension]:
    return [extend("Customer", chatty_others, since="0.1.0")]
