"""The products that a draft's lines name, and what they cost at an instant: two statements, however many lines."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from crmcore import Work
from crmcore_orders.actions.reading import Reading
from crmcore_orders.drafts import OrderDraftLine

__all__ = ["Products", "find_products"]

_PRODUCTS = "select t.id, t.sku, t.title, t.active from order_product t where t.deleted_at is null and ({})"
#: Of several prices that hold, the one that began last.
_PRICES = """
    select t.product_id, t.price
    from order_price t
    where t.deleted_at is null and t.currency = $1 and t.valid_from <= $2 and (t.valid_until is null or t.valid_until > $2)
      and t.product_id in ({})
    order by t.valid_from
"""


@dataclass(frozen=True, slots=True)
class Products:
    """What is known of the products.

    Attributes:

        by_id: products by id.
        by_sku: the same by SKU.
        prices: minor units of one piece by product id, of those that have a price.
    """

    by_id: Mapping[UUID, dict[str, Any]]
    by_sku: Mapping[str, dict[str, Any]]
    prices: Mapping[UUID, int] = field(default_factory=dict)

    def of(self, path: str, line: OrderDraftLine, reading: Reading) -> dict[str, Any] | None:
        """Return the product of a line, None for a line without one; what cannot be ordered is refused."""
        if line.product_id is not None:
            product = self.by_id.get(line.product_id)
            if product is None:
                reading.refuse(f"{path}.productId", "UNKNOWN_REFERENCE", "There is no such product.")
            elif line.sku not in (None, product["sku"]):
                reading.refuse(f"{path}.sku", "OTHER_PRODUCT", f"The product's SKU is {product['sku']}; leave it out.")
        else:
            product = self.by_sku.get(line.sku) if line.sku is not None else None
        if product is not None and not product["active"]:
            reading.refuse(path, "NOT_ACTIVE", f"{product['title']} cannot be ordered now.")
        return product


async def find_products(work: Work, lines: Sequence[OrderDraftLine], currency: str, at: datetime) -> Products:
    """Find the products that lines name, and their prices in a currency at an instant."""
    ids = {line.product_id for line in lines if line.product_id is not None}
    skus = {line.sku for line in lines if line.sku is not None and line.product_id is None}
    if not ids and not skus:
        return Products({}, {})
    wanted = [f"t.id in ({_places(len(ids), 1)})"] * bool(ids) + [
        f"t.sku in ({_places(len(skus), 1 + len(ids))})"
    ] * bool(skus)
    found = await work.rows(_PRODUCTS.format(" or ".join(wanted)), *ids, *skus)
    by_id = {product["id"]: product for product in found}
    prices: dict[UUID, int] = {}
    if by_id:
        sql = _PRICES.format(_places(len(by_id), 3))
        prices = {row["product_id"]: row["price"] for row in await work.rows(sql, currency, at, *by_id)}
    return Products(by_id, {product["sku"]: product for product in found}, prices)


def _places(count: int, start: int) -> str:
    return ", ".join(f"${n}" for n in range(start, start + count))
