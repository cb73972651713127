"""Do all amounts agree: lines with their order, refunds with their lines, what was given back with what was paid?"""

from __future__ import annotations

from dataclasses import dataclass

from crmcore import Work

__all__ = ["CHECKS", "Check", "Disagreement", "verify"]


@dataclass(frozen=True, slots=True)
class Check:
    """A sentence that must hold for every order.

    Attributes:

        name: of the check.
        sentence: what must hold.
        sql: gives those for which it does not hold: `number`, `said`, `found`.
    """

    name: str
    sentence: str
    sql: str


@dataclass(frozen=True, slots=True)
class Disagreement:
    """An order of which something does not hold; `said` and `found` are minor units or pieces."""

    check: Check
    number: str
    said: int
    found: int


_PER_LINE = "select sum(l.{0}) from order_line l where l.order_id = o.id and l.deleted_at is null"
_PER_REFUND = "select sum(r.{0}) from order_refund r where r.order_id = o.id and r.deleted_at is null"
_PER_REFUNDED = "select sum(x.{0}) from order_refund_line x where x.order_line_id = l.id and x.deleted_at is null"


def _orders(said: str, found: str, where: str = "1 = 1") -> str:
    return f"""
        select c.number, c.said, c.found from (
            select o.number, {said} as said, coalesce({found}, 0) as found
            from orders_order o where o.deleted_at is null and {where}
        ) c where c.said <> c.found order by c.number"""


def _lines(said: str, found: str) -> str:
    return f"""
        select c.number, c.said, c.found from (
            select o.number, l.{said} as said, coalesce(({_PER_REFUNDED.format(found)}), 0) as found
            from order_line l join orders_order o on o.id = l.order_id where l.deleted_at is null
        ) c where c.said <> c.found order by c.number"""


_HAS_LINES = "exists (select 1 from order_line l where l.order_id = o.id and l.deleted_at is null)"

CHECKS: tuple[Check, ...] = (
    Check(
        "order",
        "An order's total is its subtotal less discount, with shipping and, unless prices include it, tax.",
        _orders("o.total", "o.subtotal - o.discount + o.shipping + case when o.tax_included then 0 else o.tax end"),
    ),
    Check(
        "lines",
        "An order's total is its lines' totals and the shipping.",
        _orders("o.total", f"({_PER_LINE.format('total')}) + o.shipping", _HAS_LINES),
    ),
    Check(
        "refunds",
        "What is given back for an order is the sum of its refunds.",
        _orders("o.refunded", f"({_PER_REFUND.format('amount')})"),
    ),
    Check(
        "overpaid",
        "Never more is given back than was to be paid.",
        "select o.number, o.total as said, o.refunded as found from orders_order o where o.refunded > o.total",
    ),
    Check("line refunds", "What is given back for a line is the sum of its refunds.", _lines("refunded", "amount")),
    Check(
        "line returns", "The pieces that came back are those of its refunds.", _lines("returned_quantity", "quantity")
    ),
    Check(
        "refund lines",
        "A refund's amount is its lines' amounts and its part of the shipping.",
        """
        select c.number, c.said, c.found from (
            select r.number, r.amount as said, r.shipping + coalesce(
                (select sum(x.amount) from order_refund_line x where x.refund_id = r.id and x.deleted_at is null), 0
            ) as found
            from order_refund r where r.deleted_at is null
        ) c where c.said <> c.found order by c.number""",
    ),
)


async def verify(work: Work) -> list[Disagreement]:
    """Return everything that does not hold; the number is a refund's where the check is about refunds' lines."""
    return [
        Disagreement(check, row["number"], int(row["said"]), int(row["found"]))
        for check in CHECKS
        for row in await work.rows(check.sql)
    ]
