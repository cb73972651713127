"""What a customer has spent, and when last: as far as the asker may see their orders, asked once for a whole page."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

import strawberry

from crmcore import Extension, Money, RecordRef, extend, ids

if TYPE_CHECKING:
    from uuid import UUID

__all__ = ["FIELDS"]

#: Drafts and cancelled orders are no purchases. The rules of the asker's roles hold for this as for any query.
_SPENT = """
query ($ids: [ID!]!) {
  nodes(ids: $ids) {
    ... on Customer {
      orders(filter: {status: {in: [PLACED, PAID, FULFILLED, COMPLETED]}}) {
        aggregate { maxPlacedAt sumTotal { amount currency } sumRefunded { amount currency } }
      }
    }
  }
}
"""


async def _figures(asked: list[tuple[Any, UUID]]) -> Sequence[dict[str, Any]]:
    # All of one request: the loader is the request's own.
    context = asked[0][0]
    shown = [ids.encode("customer", id) for _, id in asked]
    answer = await context.crm.execute(_SPENT, {"ids": shown}, actor=context.actor)
    return [(node or {}).get("orders", {}).get("aggregate", {}) for node in (answer["data"] or {}).get("nodes", ())]


async def orders_last_at(customer: strawberry.Parent[RecordRef], info: strawberry.Info[Any, None]) -> datetime | None:
    """Read `maxPlacedAt`."""
    figures = await info.context.load(_figures, (info.context, customer.id))
    said = figures.get("maxPlacedAt")
    return None if said is None else datetime.fromisoformat(said)


async def orders_total_spent(customer: strawberry.Parent[RecordRef], info: strawberry.Info[Any, None]) -> list[Money]:
    """Take what was given back off what was to be paid."""
    figures = await info.context.load(_figures, (info.context, customer.id))
    spent: dict[str, int] = defaultdict(int)
    for name, sign in (("sumTotal", 1), ("sumRefunded", -1)):
        for given in figures.get(name) or ():
            spent[given["currency"]] += sign * Money.of(given["amount"], given["currency"]).minor
    return [Money(minor, currency) for currency, minor in sorted(spent.items())]


_LAST_AT = strawberry.field(
    orders_last_at, description="When this customer last placed an order, of those you may see."
)
_TOTAL_SPENT = strawberry.field(
    orders_total_spent,
    description="What this customer has spent, less what was given back, by currency, on the orders you may see.",
)

#: Fields of customers.
FIELDS: tuple[Extension, ...] = (
    extend("Customer", _LAST_AT, since="0.1.0"),
    extend("Customer", _TOTAL_SPENT, since="0.1.0"),
)
