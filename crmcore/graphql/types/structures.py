"""The types that are the same whatever the entities: nodes, pages, money, stamps."""

from __future__ import annotations

from decimal import Decimal

import strawberry

from crmcore.access.actor import ActorType
from crmcore.graphql.types.enums import as_enum
from crmcore.graphql.types.scalars import Currency

__all__ = ["Actor", "Destroyed", "Money", "Node", "PageInfo"]

as_enum(ActorType)


@strawberry.interface(description="A record that `node(id:)` finds.")
class Node:
    id: strawberry.ID = strawberry.field(description="Identifies the record among all records of all types.")


@strawberry.type(description="Where a page stands in its list.")
class PageInfo:
    has_next_page: bool = strawberry.field(description="Whether more follows the page; ask on with `after: endCursor`.")
    has_previous_page: bool = strawberry.field(
        description="Whether more precedes the page; ask on with `before: startCursor`."
    )
    start_cursor: str | None = strawberry.field(description="Cursor of the page's first record; null if it is empty.")
    end_cursor: str | None = strawberry.field(description="Cursor of the page's last record; null if it is empty.")


@strawberry.type(description="An exact amount of one currency.")
class Money:
    amount: Decimal = strawberry.field(description="The amount, with the currency's digits: `1234.50`.")
    currency: Currency = strawberry.field(description="The currency.")


@strawberry.type(description="Who did something, and through which door; kept as it was then.")
class Actor:
    type: ActorType = strawberry.field(description="The door.")
    actor_id: str | None = strawberry.field(
        description="Id of the user, token, import, plugin or job; null for the system."
    )
    label: str = strawberry.field(description="Their name, for people.")


@strawberry.type(description="A record is gone for ever.")
class Destroyed:
    destroyed_id: strawberry.ID = strawberry.field(description="Id of the record there was.")
