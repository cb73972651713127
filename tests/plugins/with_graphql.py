"""A plugin that adds a query by a plain resolver, a field to customers, and a list that the planner answers."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import strawberry

from crmcore import Extension, Listing, extend, hookimpl

plugin_name = "echo"


@strawberry.field(description="What was said.")
def echo(text: str) -> str:
    return text


@hookimpl
def crm_graphql() -> Iterable[Extension | Listing]:
    def mine(t: str, bind: Any) -> str:
        return f"{t}.owner_id = {bind(lambda actor: actor.user_id)}"

    return [extend("Query", echo), Listing("echoMine", "customer", "Customers I am in charge of.", mine)]
