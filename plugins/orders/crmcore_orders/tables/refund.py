"""What was given back: refunds and their lines."""

from __future__ import annotations

from typing import ClassVar

from piccolo.table import Table

from crmcore import Index, Record, Write
from crmcore import columns as c
from crmcore_orders.tables.order import Order, OrderLine

__all__ = ["OrderRefund", "OrderRefundLine"]


class OrderRefund(Record, Table, tablename="order_refund"):
    """Money that was given back for an order, at one time."""

    order_id = c.link(
        "order",
        "For which order.",
        references=Order,
        inverse="refunds",
        inverse_description="What was given back for it.",
        on_delete="CASCADE",
        write=Write.CREATE,
    )
    number = c.text(
        "What customer and house call it; made if nobody says.",
        default=None,
        max_length=100,
        personal=False,
        write=Write.CREATE,
    )
    at = c.instant("When; now if nobody says.", default=None, write=Write.CREATE)
    reason = c.text("Why.", null=True, max_length=2000, personal="user.content")
    amount = c.minor_units(
        "What was given back in all: its lines and its part of the shipping.",
        currency="currency",
        null=False,
        minimum=0,
        write=Write.CREATE,
    )
    shipping = c.minor_units(
        "What was given back of the shipping.",
        currency="currency",
        null=False,
        default=0,
        minimum=0,
        write=Write.CREATE,
    )
    currency = c.currency("The order's currency.", null=False, write=Write.CREATE)
    restock = c.flag("Whether what came back can be sold again.", default=False, write=Write.CREATE)

    __indexes__: ClassVar[tuple[Index, ...]] = (
        Index(("number",), unique=True, live=True),
        Index(("order_id", "at desc")),
    )


class OrderRefundLine(Record, Table, tablename="order_refund_line"):
    """What was given back for one line of an order."""

    refund_id = c.link(
        "order_refund",
        "Of which refund.",
        references=OrderRefund,
        inverse="lines",
        inverse_description="For which lines of the order, and how much for each.",
        on_delete="CASCADE",
        write=Write.CREATE,
    )
    order_line_id = c.link(
        "order_line",
        "For which line of the order.",
        references=OrderLine,
        inverse="refundLines",
        inverse_description="What was given back for it.",
        on_delete="CASCADE",
        write=Write.CREATE,
    )
    quantity = c.integer("How many pieces came back; 0 if the customer keeps them.", minimum=0, write=Write.CREATE)
    amount = c.minor_units(
        "What was given back for them.", currency="currency", null=False, minimum=0, write=Write.CREATE
    )
    currency = c.currency("The order's currency.", null=False, write=Write.CREATE)

    __indexes__: ClassVar[tuple[Index, ...]] = (
        Index(("refund_id", "order_line_id"), unique=True, live=True),
        Index(("order_line_id",)),
    )
