"""What happens to orders beyond what happens to every record: what loyalty, stock and accounting wait for.

An order tells of each step it passes, also of several at once (an order that is imported as COMPLETED was placed and
paid). `event.actor["type"]` is IMPORT for what comes from a file: history, on which a handler may act or not.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from crmcore import Created, Event, Updated

__all__ = [
    "OrderCancelled",
    "OrderCompleted",
    "OrderCreated",
    "OrderPaid",
    "OrderPlaced",
    "OrderRefundCreated",
    "OrderRefunded",
    "OrderUpdated",
    "RefundedLine",
]


@dataclass(frozen=True, kw_only=True)
class OrderPlaced(Event, of="order", since="0.1.0"):
    """A customer has ordered; `after` is the order. Its lines are there, unless it is imported from a file without them."""

    after: Mapping[str, Any]


@dataclass(frozen=True, kw_only=True)
class OrderPaid(Event, of="order", since="0.1.0"):
    """An order was paid; `after` is the order."""

    after: Mapping[str, Any]


@dataclass(frozen=True, kw_only=True)
class OrderCompleted(Event, of="order", since="0.1.0"):
    """An order is done with; `after` is the order."""

    after: Mapping[str, Any]


@dataclass(frozen=True, kw_only=True)
class OrderCancelled(Event, of="order", since="0.1.0"):
    """An order will not be; `after` is the order."""

    after: Mapping[str, Any]


@dataclass(frozen=True, kw_only=True)
class RefundedLine:
    """What was given back for one line.

    Attributes:

        order_line_id: which line.
        quantity: pieces that came back.
        amount: minor units of the order's currency.
    """

    order_line_id: UUID
    quantity: int
    amount: int


@dataclass(frozen=True, kw_only=True)
class OrderRefunded(Event, of="order", since="0.1.0"):
    """Money was given back for an order.

    Attributes:

        after: the order, with this refund.
        refund_id: the refund.
        amount: what was given back, shipping among it; minor units of the order's currency.
        lines: for which lines; empty where a file tells of lines in rows of their own.
    """

    after: Mapping[str, Any]
    refund_id: UUID
    amount: int
    lines: list[RefundedLine]


@dataclass(frozen=True, kw_only=True)
class OrderCreated(Created, of="order"):
    """An order was written down."""


@dataclass(frozen=True, kw_only=True)
class OrderUpdated(Updated, of="order"):
    """An order was changed."""


@dataclass(frozen=True, kw_only=True)
class OrderRefundCreated(Created, of="order_refund"):
    """A refund was written down."""
