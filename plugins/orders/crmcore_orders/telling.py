"""What happens to an order is told as events of its own, whatever the door: from the instants that appear in its row."""

from __future__ import annotations

from crmcore import ActorType, Event, Work
from crmcore_orders.events import (
    OrderCancelled,
    OrderCompleted,
    OrderCreated,
    OrderPaid,
    OrderPlaced,
    OrderRefundCreated,
    OrderRefunded,
    OrderUpdated,
)

__all__ = ["tell_created", "tell_refunded", "tell_updated"]

_STEPS: tuple[tuple[str, type[Event]], ...] = (
    ("placed_at", OrderPlaced),
    ("paid_at", OrderPaid),
    ("completed_at", OrderCompleted),
    ("cancelled_at", OrderCancelled),
)


async def tell_created(work: Work, event: OrderCreated) -> None:
    """Tell of the steps that a new order has passed already, as one from a file."""
    for column, step in _STEPS:
        if event.after[column] is not None:
            await work.emit(work.event(step, work.entities["order"], event.record_id, after=event.after))


async def tell_updated(work: Work, event: OrderUpdated) -> None:
    """Tell of the steps that an order passes."""
    for column, step in _STEPS:
        if column in event.changed and event.before[column] is None:
            await work.emit(work.event(step, work.entities["order"], event.record_id, after=event.after))


async def tell_refunded(work: Work, event: OrderRefundCreated) -> None:
    """Tell of a refund from a file, whose lines stand in rows of their own; `orderRefund` tells of its own with theirs."""
    if work.actor.type is not ActorType.IMPORT:
        return
    refund = event.after
    (order,) = await work.find("order", id=refund["order_id"])
    details = {"after": order, "refund_id": event.record_id, "amount": refund["amount"], "lines": []}
    await work.emit(work.event(OrderRefunded, work.entities["order"], order["id"], **details))
