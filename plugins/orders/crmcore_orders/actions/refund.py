"""Giving money back for an order, by line, whole or in parts."""

from __future__ import annotations

from typing import Annotated

from crmcore import Row, Work, action, actions
from crmcore_orders.actions.reading import Reading, below
from crmcore_orders.drafts import OrderRefundDraft, OrderRefundDraftLine
from crmcore_orders.events import OrderRefunded, RefundedLine

__all__ = ["REFUND", "order_refund"]

#: Giving money back.
REFUND = "orders.refund"


@action(returns="order_refund", permission=REFUND, since="0.1.0")
async def order_refund(work: Work, data: Annotated[OrderRefundDraft, "The refund."]) -> Row:
    """Give back money for lines of an order and for its shipping; never more than was paid, by line and in all."""
    order = await work.get("order", data.order_id, action="update")
    reading = Reading(order["currency"])
    lines = await _lines(work, data, order, reading)
    shipping = reading.amount("data.shipping", data.shipping)
    if data.at is not None and data.at > work.now:
        reading.refuse("data.at", "IN_THE_FUTURE", "Money was given back now or before.")
    reading.settle()
    amount = shipping + sum(line.amount for line in lines)
    money = {"amount": amount, "shipping": shipping, "currency": order["currency"]}
    values: Row = {
        "order_id": order["id"],
        "at": data.at or work.now,
        "reason": data.reason,
        "restock": data.restock,
        **money,
    }
    with below("data"):
        refund = await actions.create(work, "order_refund", values | ({"number": data.number} if data.number else {}))
    for n, line in enumerate(lines):
        of_line = {"order_line_id": line.order_line_id, "quantity": line.quantity, "amount": line.amount}
        with below(f"data.lines.{n}"):
            of_line |= {"refund_id": refund["id"], "currency": order["currency"]}
            await actions.create(work, "order_refund_line", of_line)
    after = await work.get("order", order["id"])
    told = {"after": after, "refund_id": refund["id"], "amount": amount, "lines": lines}
    await work.emit(work.event(OrderRefunded, work.entities["order"], order["id"], **told))
    return refund


async def _lines(work: Work, data: OrderRefundDraft, order: Row, reading: Reading) -> list[RefundedLine]:
    there = {line["id"]: line for line in await work.find("order_line", order_id=order["id"])}
    found: list[RefundedLine] = []
    for n, wanted in enumerate(data.lines):
        path = f"data.lines.{n}"
        line = there.pop(wanted.line_id, None)
        if line is None:
            message = "The order has no such line, or it stands here twice."
            reading.refuse(f"{path}.lineId", "UNKNOWN_REFERENCE", message)
            continue
        if wanted.quantity < 0 or (not wanted.quantity and wanted.amount is None):
            reading.refuse(f"{path}.quantity", "REQUIRED", "Say how many pieces come back, or how much is given back.")
            continue
        amount = _share(line, wanted) if wanted.amount is None else reading.amount(f"{path}.amount", wanted.amount)
        found.append(RefundedLine(order_line_id=line["id"], quantity=wanted.quantity, amount=amount))
    return found


def _share(line: Row, wanted: OrderRefundDraftLine) -> int:
    """Return the pieces' share: of all pieces one after the other these add up to the line's total, no unit lost."""
    total: int = line["total"]
    pieces: int = line["quantity"]
    before: int = line["returned_quantity"]
    share = total * (before + wanted.quantity) // pieces - total * before // pieces
    left: int = total - line["refunded"]
    return min(share, left)
