"""What an order needs that its columns do not say: amounts that agree."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from crmcore.testing import Factory, TestCrm

_NOTHING = {"discount": 0, "tax": 0, "shipping": 0}


async def _order(crm: TestCrm, given: Mapping[str, Any]) -> Mapping[str, Any]:
    """An order that was paid, of 100 euros unless a test says otherwise."""
    total = given.get("total", 10_000)
    return {"status": "PAID", "customer_id": await crm.make("customer"), "subtotal": total, "total": total, **_NOTHING}


async def _line(crm: TestCrm, given: Mapping[str, Any]) -> Mapping[str, Any]:
    """Two pieces of 50 euros each."""
    return {"quantity": 2, "unit_price": 5000, "discount": 0, "tax": 0, "total": 10_000, "currency": "EUR"}


async def _refund(crm: TestCrm, given: Mapping[str, Any]) -> Mapping[str, Any]:
    """Half of what the order's line cost."""
    return {"amount": 5000, "shipping": 0, "currency": "EUR"}


async def _refund_line(crm: TestCrm, given: Mapping[str, Any]) -> Mapping[str, Any]:
    """One of two pieces."""
    order = await crm.make("order")
    line = await crm.make("order_line", order=order)
    refund = await crm.make("order_refund", order=order)
    return {"refund_id": refund, "order_line_id": line, "quantity": 1, "amount": 5000, "currency": "EUR"}


#: By entity; crmcore's contract checks use them too.
FACTORIES: Mapping[str, Factory] = {
    "order": _order,
    "order_line": _line,
    "order_refund": _refund,
    "order_refund_line": _refund_line,
}
