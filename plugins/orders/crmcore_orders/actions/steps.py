"""The steps of an order after it was placed; each, done once more, changes nothing."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from crmcore import Ref, Row, Work, action, actions, errors
from crmcore_orders.tables import OrderStatus

__all__ = ["order_cancel", "order_complete", "order_fulfil", "order_pay"]

_S = OrderStatus


@action(returns="order", since="0.1.0")
async def order_pay(
    work: Work,
    id: Annotated[UUID, Ref("order"), "Which order."],
    paid_at: Annotated[datetime | None, "When; now if you do not say."] = None,
) -> Row:
    """Say that an order was paid; one that was fulfilled on an invoice stays FULFILLED."""
    order = await work.get("order", id, action="update")
    if order["paid_at"] is not None:
        return order
    at = paid_at or work.now
    if at > work.now:
        raise errors.Invalid.at("paidAt", "IN_THE_FUTURE", "An order was paid now or before.")
    if order["status"] == _S.FULFILLED.name:
        return await _step(work, order, paid_at=at)
    _must_be(order, _S.PLACED)
    return await _step(work, order, status=_S.PAID.name, paid_at=at)


@action(returns="order", since="0.1.0")
async def order_fulfil(work: Work, id: Annotated[UUID, Ref("order"), "Which order."]) -> Row:
    """Say that what was ordered was handed over or sent."""
    order = await work.get("order", id, action="update")
    if order["fulfilled_at"] is not None:
        return order
    _must_be(order, _S.PLACED, _S.PAID)
    return await _step(work, order, status=_S.FULFILLED.name)


@action(returns="order", since="0.1.0")
async def order_complete(work: Work, id: Annotated[UUID, Ref("order"), "Which order."]) -> Row:
    """Say that an order is done with: it was paid, handed over, and the time to think it over has passed."""
    order = await work.get("order", id, action="update")
    if order["status"] == _S.COMPLETED.name:
        return order
    _must_be(order, _S.PAID, _S.FULFILLED)
    if order["paid_at"] is None:
        raise errors.Invalid.at("id", "NOT_PAID", f"Order {order['number']} was not paid yet; call orderPay first.")
    return await _step(work, order, status=_S.COMPLETED.name)


@action(returns="order", since="0.1.0")
async def order_cancel(
    work: Work,
    id: Annotated[UUID, Ref("order"), "Which order."],
    reason: Annotated[str | None, "Why."] = None,
) -> Row:
    """Cancel an order that was not fulfilled yet; what was paid for it is given back by orderRefund."""
    order = await work.get("order", id, action="update")
    if order["status"] == _S.CANCELLED.name:
        return order
    return await _step(work, order, status=_S.CANCELLED.name, cancel_reason=reason)


async def _step(work: Work, order: Row, **said: Any) -> Row:
    return await actions.update(work, "order", order["id"], {}, **said)


def _must_be(order: Row, *allowed: OrderStatus) -> None:
    if order["status"] not in {status.name for status in allowed}:
        named = " or ".join(status.name for status in allowed)
        message = f"Order {order['number']} is {order['status']}; it must be {named} for that."
        raise errors.Invalid.at("id", "NOT_THE_WAY", message)
