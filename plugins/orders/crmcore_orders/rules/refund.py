"""The rules of refunds: never more money or pieces back than were paid for, by line and in all."""

from __future__ import annotations

from typing import Any

from crmcore import Change, Money, Row, Work, actions, errors
from crmcore_orders.numbers import made_number

__all__ = ["prepare_refund", "prepare_refund_line"]


async def prepare_refund(work: Work, change: Change) -> None:
    """Take the refund off what is still paid for the order; the order's row is locked, so two refunds see each other."""
    _stays(change, "refund")
    if change.kind != "create":
        return
    change.values["at"] = change.get("at") or work.now
    if change.get("number") is None:
        change.values["number"] = made_number("R", change.id, change.get("at"))
    order = await work.get("order", change.get("order_id"), action="update")
    amount, shipping = change.get("amount"), change.get("shipping")
    if change.get("currency") != order["currency"]:
        change.refuse("amount", "OTHER_CURRENCY", f"The order's amounts are in {order['currency']}.")
    elif order["paid_at"] is None:
        change.refuse("order_id", "NOT_PAID", "Nothing was paid for this order yet, so nothing can be given back.")
    elif amount < 1:
        change.refuse("amount", "TOO_SMALL", "A refund gives something back.")
    elif amount > order["total"] - order["refunded"]:
        change.refuse("amount", "MORE_THAN_PAID", _too_much(amount, order["total"] - order["refunded"], order))
    elif shipping > (left := order["shipping"] - await _given_back_of_shipping(work, order)):
        change.refuse("shipping", "MORE_THAN_PAID", _too_much(shipping, left, order))
    elif shipping > amount:
        change.refuse("shipping", "MORE_THAN_PAID", "A refund's part of the shipping cannot be more than all of it.")
    else:
        await actions.update(work, "order", order["id"], {}, refunded=order["refunded"] + amount)


async def prepare_refund_line(work: Work, change: Change) -> None:
    """Take pieces and amount off what is left of the line."""
    _stays(change, "refund line")
    if change.kind != "create":
        return
    refund = await work.get("order_refund", change.get("refund_id"), action="update")
    line = await work.get("order_line", change.get("order_line_id"), action="update")
    quantity, amount = change.get("quantity"), change.get("amount")
    pieces, left = line["quantity"] - line["returned_quantity"], line["total"] - line["refunded"]
    if line["order_id"] != refund["order_id"]:
        change.refuse("order_line_id", "OTHER_ORDER", "That line is not of the refund's order.")
    elif change.get("currency") != line["currency"]:
        change.refuse("amount", "OTHER_CURRENCY", f"The order's amounts are in {line['currency']}.")
    elif quantity > pieces:
        change.refuse("quantity", "MORE_THAN_ORDERED", f"{quantity} pieces cannot come back; {pieces} are left.")
    elif amount > left:
        change.refuse("amount", "MORE_THAN_PAID", _too_much(amount, left, line))
    elif amount > (rest := refund["amount"] - refund["shipping"] - await _in_lines(work, refund)):
        change.refuse("amount", "MORE_THAN_REFUNDED", _too_much(amount, rest, line))
    else:
        kept = {"returned_quantity": line["returned_quantity"] + quantity, "refunded": line["refunded"] + amount}
        await actions.update(work, "order_line", line["id"], {}, **kept)


async def _given_back_of_shipping(work: Work, order: Row) -> int:
    return sum(refund["shipping"] for refund in await work.find("order_refund", order_id=order["id"]))


async def _in_lines(work: Work, refund: Row) -> int:
    return sum(line["amount"] for line in await work.find("order_refund_line", refund_id=refund["id"]))


def _too_much(wanted: int, left: int, row: dict[str, Any]) -> str:
    currency = row["currency"]
    return f"{Money(wanted, currency)} cannot be given back; {Money(left, currency)} is left."


def _stays(change: Change, what: str) -> None:
    if change.kind in ("delete", "destroy"):
        msg = f"A {what} that happened stays; what was given back by mistake is a payment of its own."
        raise errors.InUse(msg)
