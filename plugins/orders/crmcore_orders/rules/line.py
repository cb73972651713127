"""The rules of an order's lines: they are of the order's currency, and their amounts agree to the minor unit."""

from __future__ import annotations

from typing import Any

from crmcore import Change, Work
from crmcore_orders.rules.order import differs
from crmcore_orders.sums import line_total

__all__ = ["prepare_line"]

_AMOUNTS = ("quantity", "unit_price", "discount", "tax", "total", "currency")
#: What refunds keep up to date; in the context by these names.
_KEPT = ("returned_quantity", "refunded")


async def prepare_line(work: Work, change: Change) -> None:
    """Refuse a line that does not fit its order or itself."""
    if change.kind not in ("create", "update"):
        return
    change.values |= {column: change.context[column] for column in _KEPT if column in change.context}
    if change.kind == "create":
        change.values |= {"returned_quantity": 0, "refunded": 0}
    if not any(column in change.values for column in _AMOUNTS):
        return
    order = change.context.get("order") or next(iter(await work.find("order", id=change.get("order_id"))), None)
    if order is not None:
        _check(change, order)


def _check(change: Change, order: dict[str, Any]) -> None:
    said = {column: change.get(column) for column in _AMOUNTS}
    if said["currency"] != order["currency"]:
        message = f"The order's amounts are in {order['currency']}; this line's are in {said['currency']}."
        change.refuse("total", "OTHER_CURRENCY", message)
        return
    if None not in said.values():
        total = line_total(said, tax_included=order["tax_included"])
        if total != said["total"]:
            change.refuse("total", "TOTAL_DIFFERS", differs(said["total"], total, said["currency"]))
    if (change.get("refunded") or 0) > (said["total"] or 0):
        change.refuse("total", "LESS_THAN_REFUNDED", "More than this total was given back already.")
