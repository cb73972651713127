"""A catalogue of jams and orders of them, for the demonstration data."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from crmcore import Seeding
from crmcore_orders.steps import passed
from crmcore_orders.sums import LineSum, order_sum

__all__ = ["seed"]

_CURRENCY = "EUR"
_TAX = 10
_SHIPPING = 590
_PRODUCTS = (
    ("JAM-APR", "Apricot jam", {"de": "Marillenmarmelade", "es": "Mermelada de albaricoque", "zh-Hans": "杏子酱"}, 690),
    ("JAM-STR", "Strawberry jam", {"de": "Erdbeermarmelade", "es": "Mermelada de fresa", "zh-Hans": "草莓酱"}, 590),
    ("JAM-PLU", "Plum butter", {"de": "Powidl", "es": "Mermelada de ciruela", "zh-Hans": "李子酱"}, 650),
    ("HON-LIN", "Linden honey", {"de": "Lindenhonig", "es": "Miel de tilo", "zh-Hans": "椴树蜜"}, 1150),
    ("HON-FOR", "Forest honey", {"de": "Waldhonig", "es": "Miel de bosque", "zh-Hans": "森林蜜"}, 1290),
    ("BOX-6", "Box of six", {"de": "Sechserkarton", "es": "Caja de seis", "zh-Hans": "六瓶装"}, 3490),
)
_CHANNELS = ("WEB", "WEB", "WEB", "STORE", "STORE", "APP", "PHONE")
#: Days after which an order is done with.
_SETTLED = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class _Product:
    id: UUID
    sku: str
    title: str
    price: int


async def seed(seeding: Seeding) -> None:
    """Fill the catalogue, and have two of three customers order now and then."""
    products = await _catalogue(seeding)
    for customer in seeding.made["customer"]:
        if seeding.random.random() < 1 / 3:
            continue
        for _ in range(min(12, 1 + int(seeding.random.expovariate(0.7)))):
            _order(seeding, customer, products)


async def _catalogue(seeding: Seeding) -> list[_Product]:
    at = seeding.calendar.moment(seeding.random, "UTC")
    category = await seeding.have("order_category", {"code": "jams"}, {"title": "Jams and honey"}, at)
    found = []
    for sku, title, titles, price in _PRODUCTS:
        id = await seeding.have("order_product", {"sku": sku}, {"title": title, "titles": titles, "active": True}, at)
        found.append(_Product(id, sku, title, price))
        link = {"product_id": id, "category_id": category}
        await seeding.have("order_product_category", link, {}, at)
        begins = {"product_id": id, "currency": _CURRENCY, "price": price, "valid_from": at}
        if await seeding.find("order_price", product_id=id, currency=_CURRENCY) is None:
            seeding.add("order_price", begins, at)
    return found


def _order(seeding: Seeding, customer: UUID, products: Sequence[_Product]) -> None:
    draw = seeding.random
    at = seeding.calendar.moment(draw, "UTC")
    chosen = draw.sample(products, draw.randrange(1, 4))
    lines = [LineSum(draw.randrange(1, 4), product.price) for product in chosen]
    off = sum(line.gross for line in lines) // 10 if draw.random() < 0.2 else 0
    tax = sum(line.gross for line in lines) * _TAX // (100 + _TAX)
    whole = order_sum(lines, tax_included=True, discount=off, tax=tax, shipping=_SHIPPING * draw.randrange(2))
    status = draw.choice(("COMPLETED",) * 9 + ("CANCELLED",)) if at < seeding.now - _SETTLED else "PAID"
    amounts = {"subtotal": whole.subtotal, "discount": whole.discount, "tax": whole.tax, "shipping": whole.shipping}
    values: dict[str, Any] = {"customer_id": customer, "status": status, "channel": draw.choice(_CHANNELS)}
    values |= amounts | {"total": whole.total, "refunded": 0, "currency": _CURRENCY, "tax_included": True}
    id = seeding.id(at)
    order = seeding.add("order", values | _instants(status, at) | {"id": id, "number": f"D-{id.hex[-12:].upper()}"}, at)
    for position, (product, line) in enumerate(zip(chosen, whole.lines, strict=True), 1):
        seeding.add("order_line", _line(order, position, product, line), at)


def _instants(status: str, at: datetime) -> dict[str, Any]:
    return {"placed_at": at} | {column: at + timedelta(days=n) for n, column in enumerate(passed(status))}


def _line(order: UUID, position: int, product: _Product, line: LineSum) -> dict[str, Any]:
    values: dict[str, Any] = {"order_id": order, "position": position, "product_id": product.id, "sku": product.sku}
    values |= {"title": product.title, "quantity": line.quantity, "unit_price": line.unit_price, "currency": _CURRENCY}
    return values | {
        "discount": line.discount,
        "tax": line.tax,
        "total": line.net,
        "returned_quantity": 0,
        "refunded": 0,
    }
