"""From a draft to finished rows: products found, prices filled in, amounts worked out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from crmcore import Money, Row, Work
from crmcore_orders.actions.products import Products, find_products
from crmcore_orders.actions.reading import Reading
from crmcore_orders.drafts import OrderDraft, OrderDraftLine
from crmcore_orders.sums import LineSum, OrderSum, order_sum

__all__ = ["MOST_LINES", "Priced", "priced"]

#: Of one order.
MOST_LINES = 500
#: A piece of one thing costs less than this, so that no sum outgrows 64 bits.
_DEAREST = 10**12
_MOST_PIECES = 10**6


@dataclass(frozen=True, slots=True)
class Priced:
    """A draft with its amounts.

    Attributes:

        currency: of all of them.
        sum: what it comes to.
        lines: columns of its lines, in their order.
    """

    currency: str
    sum: OrderSum
    lines: list[Row]


async def priced(work: Work, data: OrderDraft) -> Priced:
    """Work out what a draft comes to.

    Raises:

        Invalid: what is wrong with it, everything with its path below `data`.
    """
    reading = _reading(work, data)
    products = await find_products(work, data.lines, reading.currency, data.placed_at or work.now)
    named = [_named(f"data.lines.{n}", line, products, reading) for n, line in enumerate(data.lines)]
    sums = [_line(f"data.lines.{n}", line, products, named[n], reading) for n, line in enumerate(data.lines)]
    discount = reading.amount("data.discount", data.discount)
    rate = reading.percent("data.discountPercent", data.discount_percent)
    tax = None if data.tax is None else reading.amount("data.tax", data.tax)
    shipping = reading.amount("data.shipping", data.shipping)
    reading.settle()
    whole = order_sum(
        sums,
        tax_included=data.tax_included,
        discount=discount,
        discount_percent=rate,
        tax=tax,
        shipping=shipping,
    )
    if any(line.net < 0 for line in whole.lines):
        reading.refuse("data.discount", "MORE_THAN_ORDERED", "The discount is more than what is ordered costs.")
    reading.settle()
    lines = [row | _amounts(line, whole, reading.currency) for row, line in zip(named, whole.lines, strict=True)]
    return Priced(reading.currency, whole, lines)


def _reading(work: Work, data: OrderDraft) -> Reading:
    reading = Reading(data.currency)
    try:
        Money.of(0, data.currency)
    except ValueError as problem:
        reading.refuse("data.currency", "NO_CURRENCY", str(problem))
    if not 0 < len(data.lines) <= MOST_LINES:
        reading.refuse(
            "data.lines", "OUT_OF_RANGE", f"An order has 1 to {MOST_LINES} lines; this one {len(data.lines)}."
        )
    if data.placed_at is not None and data.placed_at > work.now:
        reading.refuse("data.placedAt", "IN_THE_FUTURE", "An order was placed now or before.")
    taxed = any(line.tax is not None or line.tax_percent is not None for line in data.lines)
    if data.tax is not None and taxed:
        reading.refuse("data.tax", "TWICE", "Say the tax of the order or of its lines, not both.")
    reading.settle()
    return reading


def _named(path: str, line: OrderDraftLine, products: Products, reading: Reading) -> Row:
    product: dict[str, Any] = products.of(path, line, reading) or {}
    title = line.title or product.get("title") or ""
    if not title:
        reading.refuse(f"{path}.title", "REQUIRED", "A line that is of no product of the catalogue needs a title.")
    return {
        "product_id": product.get("id"),
        "sku": product.get("sku", line.sku),
        "title": title,
        "quantity": line.quantity,
    }


def _line(path: str, line: OrderDraftLine, products: Products, named: Row, reading: Reading) -> LineSum:
    price: int | None = products.prices.get(named["product_id"]) if named["product_id"] is not None else None
    if line.unit_price is not None:
        price = reading.amount(f"{path}.unitPrice", line.unit_price)
    elif price is None:
        message = f"There is no price in {reading.currency} for it at that time; give unitPrice."
        reading.refuse(f"{path}.unitPrice", "REQUIRED", message)
    if not 0 < line.quantity <= _MOST_PIECES or (price or 0) > _DEAREST:
        message = f"1 to {_MOST_PIECES} pieces, and {Money(_DEAREST, reading.currency)} for each at most."
        reading.refuse(f"{path}.quantity", "OUT_OF_RANGE", message)
    if line.tax is not None and line.tax_percent is not None:
        reading.refuse(f"{path}.tax", "TWICE", "Say the tax as an amount or as a rate, not both.")
    discount, tax = (
        reading.amount(f"{path}.{name}", money) for name, money in (("discount", line.discount), ("tax", line.tax))
    )
    rate = reading.percent(f"{path}.taxPercent", line.tax_percent)
    sum_ = LineSum(line.quantity, price or 0, discount, tax, rate)
    if sum_.net < 0 and price is not None:
        reading.refuse(f"{path}.discount", "MORE_THAN_ORDERED", "The discount is more than the line costs.")
    return sum_


def _amounts(line: LineSum, whole: OrderSum, currency: str) -> Row:
    return {
        "unit_price": line.unit_price,
        "discount": line.discount,
        "tax": line.tax,
        "total": line.net + (0 if whole.tax_included else line.tax),
        "currency": currency,
    }
