"""Placing an order: whole, with its lines and amounts, or not at all."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from crmcore import Money, Ref, Row, Work, action, actions, errors
from crmcore_orders.actions.priced import Priced, priced
from crmcore_orders.actions.reading import below
from crmcore_orders.drafts import OrderDraft
from crmcore_orders.tables import OrderStatus

__all__ = ["order_draft", "order_place", "order_place_draft"]


@action(returns="order", since="0.1.0")
async def order_place(work: Work, data: Annotated[OrderDraft, "The order."]) -> Row:
    """Place an order with its lines, all or nothing; the amounts are worked out, to the minor unit."""
    draft = await _write_down(work, data)
    return await _place(work, draft, {"placed_at": data.placed_at or work.now})


@action(returns="order", since="0.1.0")
async def order_draft(work: Work, data: Annotated[OrderDraft, "The order."]) -> Row:
    """Write an order down without placing it: a basket, or an offer."""
    if data.placed_at is not None:
        raise errors.Invalid.at("data.placedAt", "NOT_PLACED", "A draft is not placed yet; leave placedAt out.")
    return await _write_down(work, data)


@action(returns="order", since="0.1.0")
async def order_place_draft(work: Work, id: Annotated[UUID, Ref("order"), "Which draft."]) -> Row:
    """Place an order that is a draft, as it stands; placing it once more changes nothing."""
    before = await work.get("order", id, action="update")
    return before if before["status"] == OrderStatus.PLACED.name else await _place(work, before, {})


async def _place(work: Work, draft: Row, said: Row) -> Row:
    if draft["status"] != OrderStatus.DRAFT.name:
        message = f"Order {draft['number']} is {draft['status']}; only a draft can be placed."
        raise errors.Invalid.at("id", "NOT_A_DRAFT", message)
    # A step of its own, when the lines are there: who vetoes or acts on OrderPlaced sees the whole order.
    return await actions.update(work, "order", draft["id"], {}, status=OrderStatus.PLACED.name, **said)


async def _write_down(work: Work, data: OrderDraft) -> Row:
    draft = await priced(work, data)
    _check_total(draft, data.total)
    with below("data"):
        order = await actions.create(work, "order", _order(draft, data))
    for position, line in enumerate(draft.lines, 1):
        with below(f"data.lines.{position - 1}"):
            values = {**line, "order_id": order["id"], "position": position}
            await actions.create(work, "order_line", values, order=order)
    return order


def _check_total(draft: Priced, said: Money | None) -> None:
    found = Money(draft.sum.total, draft.currency)
    if said is not None and said != found:
        message = f"The order comes to {found}, and you say {said}; show the customer that, or mend the amounts."
        raise errors.Invalid.at("data.total", "TOTAL_DIFFERS", message)


def _order(draft: Priced, data: OrderDraft) -> Row:
    values: Row = {
        "customer_id": data.customer_id,
        "tax_included": data.tax_included,
        "subtotal": draft.sum.subtotal,
        "discount": draft.sum.discount,
        "tax": draft.sum.tax,
        "shipping": draft.sum.shipping,
        "total": draft.sum.total,
        "currency": draft.currency,
        "note": data.note,
    }
    said = {"number": data.number, "channel": data.channel, "owner_id": data.owner_id}
    return values | {column: value for column, value in said.items() if value is not None}
