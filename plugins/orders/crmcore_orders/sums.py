"""What an order comes to: from prices, discounts and taxes to amounts of lines that add up to the minor unit.

Line: total = quantity x unit price - discount, and the tax unless prices include it.
Order: total = subtotal - discount + shipping, and the tax unless prices include it; which is its lines' totals and the shipping.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Any

from crmcore_orders.sharing import percent, shared

__all__ = ["LineSum", "OrderSum", "line_total", "order_sum", "order_total"]


@dataclass(frozen=True, slots=True)
class LineSum:
    """The amounts of a line, in minor units.

    Attributes:

        quantity: pieces.
        unit_price: of one piece.
        discount: taken off all pieces together.
        tax: on all of them.
        tax_percent: the rate of the tax, where that is what is known.
    """

    quantity: int
    unit_price: int
    discount: int = 0
    tax: int = 0
    tax_percent: Decimal | None = None

    @property
    def gross(self) -> int:
        """Pieces times price."""
        return self.quantity * self.unit_price

    @property
    def net(self) -> int:
        """What is left after discounts."""
        return self.gross - self.discount


@dataclass(frozen=True, slots=True)
class OrderSum:
    """The amounts of an order, in minor units."""

    lines: tuple[LineSum, ...]
    tax_included: bool
    shipping: int = 0
    subtotal: int = field(init=False)
    discount: int = field(init=False)
    tax: int = field(init=False)

    def __post_init__(self) -> None:
        """Add the lines up."""
        object.__setattr__(self, "subtotal", sum(line.gross for line in self.lines))
        object.__setattr__(self, "discount", sum(line.discount for line in self.lines))
        object.__setattr__(self, "tax", sum(line.tax for line in self.lines))

    @property
    def total(self) -> int:
        """What is to be paid."""
        return self.subtotal - self.discount + self.shipping + (0 if self.tax_included else self.tax)


def order_sum(
    lines: Sequence[LineSum],
    *,
    tax_included: bool,
    discount: int = 0,
    discount_percent: Decimal | None = None,
    tax: int | None = None,
    shipping: int = 0,
) -> OrderSum:
    """Work out an order's amounts.

    Args:

        lines: with their own discounts and taxes.
        tax_included: whether prices include the tax.
        discount: taken off the order; lines share it by what they cost.
        discount_percent: the same as a rate, of what all lines cost.
        tax: on the whole order; lines share it by what they cost. None for the lines' own taxes.
        shipping: what bringing it costs.

    A rate of tax is taken once of all that it applies to, and that amount is shared by its lines: not rounded line by line.
    """
    costs = [line.net for line in lines]
    if discount_percent is not None:
        discount += percent(discount_percent, sum(costs))
    less = [
        replace(line, discount=line.discount + part) for line, part in zip(lines, shared(discount, costs), strict=True)
    ]
    return OrderSum(tuple(_taxed(less, tax_included, tax)), tax_included, shipping)


def _taxed(lines: list[LineSum], included: bool, tax: int | None) -> list[LineSum]:
    if tax is not None:
        parts = shared(tax, [line.net for line in lines])
        return [replace(line, tax=part) for line, part in zip(lines, parts, strict=True)]
    for rate in {line.tax_percent for line in lines if line.tax_percent is not None}:
        at = [n for n, line in enumerate(lines) if line.tax_percent == rate]
        nets = [lines[n].net for n in at]
        parts = shared(percent(rate, sum(nets), included=included), nets)
        for n, part in zip(at, parts, strict=True):
            lines[n] = replace(lines[n], tax=part)
    return lines


def line_total(row: Mapping[str, Any], *, tax_included: bool) -> int:
    """Return what a line with a price comes to, by its other amounts."""
    net: int = row["quantity"] * row["unit_price"] - row["discount"]
    return net + (0 if tax_included else row["tax"])


def order_total(row: Mapping[str, Any]) -> int:
    """Return what an order comes to, by its other amounts."""
    net: int = row["subtotal"] - row["discount"] + row["shipping"]
    return net + (0 if row["tax_included"] else row["tax"])
