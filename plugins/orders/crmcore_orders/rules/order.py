"""The rules of orders: a way of steps, and amounts that agree to the minor unit."""

from __future__ import annotations

from datetime import datetime

from crmcore import ActorType, Change, Money, Work, errors
from crmcore_orders.numbers import made_number
from crmcore_orders.steps import AFTER, INSTANTS, passed
from crmcore_orders.sums import order_total
from crmcore_orders.tables import OrderStatus

__all__ = ["AMOUNTS", "differs", "prepare_order"]

#: What makes up the total.
AMOUNTS = ("subtotal", "discount", "tax", "shipping", "total", "tax_included")
#: What the server keeps and actions say: by these names in the context.
_KEPT = ("status", "placed_at", "paid_at", "refunded", "cancel_reason")
_REMOVABLE = frozenset({OrderStatus.DRAFT.name, OrderStatus.CANCELLED.name})


async def prepare_order(work: Work, change: Change) -> None:
    """Make number and instants, keep to the way of steps, and refuse amounts that disagree."""
    if change.kind == "delete":
        _may_go(change)
    if change.kind not in ("create", "update"):
        return
    change.values |= {column: change.context[column] for column in _KEPT if column in change.context}
    if change.kind == "create":
        change.values["refunded"] = 0
    elif work.actor.type is ActorType.IMPORT and change.was("status") in AFTER[change.get("status")]:
        # A file that is behind, as last week's export imported again: the order has come further here, and stays.
        del change.values["status"]
    elif change.changed("status") and change.get("status") not in AFTER[change.was("status")]:
        message = f"An order that is {change.was('status')} cannot become {change.get('status')}."
        change.refuse("status", "NOT_THE_WAY", message)
    if change.kind == "create" or change.changed("status"):
        _stamp(change, work.now)
    if change.get("number") is None:
        change.values["number"] = made_number("O", change.id, change.get("placed_at") or work.now)
    if any(column in change.values for column in AMOUNTS):
        _check_amounts(change)


def _stamp(change: Change, now: datetime) -> None:
    # What is said to have been done already, as in a file, was done when it was placed unless something else is said.
    at = change.get("placed_at") or now if change.kind == "create" else now
    status = change.get("status")
    columns = passed(status)
    change.values |= {column: at for column in columns if change.get(column) is None}
    if change.kind == "create":
        for column in set(INSTANTS.values()) - {*columns, "placed_at", "paid_at"}:
            change.values[column] = None
        if status == OrderStatus.DRAFT.name:
            change.values |= {"placed_at": None, "paid_at": None}


def _check_amounts(change: Change) -> None:
    said = {column: change.get(column) for column in AMOUNTS}
    if None in said.values():
        return
    if (total := order_total(said)) != said["total"]:
        change.refuse("total", "TOTAL_DIFFERS", differs(said["total"], total, change.get("currency")))
    elif (change.get("refunded") or 0) > total:
        change.refuse("total", "LESS_THAN_REFUNDED", "More than this total was given back already.")


def differs(said: int, found: int, currency: str) -> str:
    """Say that an amount is not what the others come to."""
    return f"The total is said to be {Money(said, currency)}, and the amounts come to {Money(found, currency)}."


def _may_go(change: Change) -> None:
    if change.was("status") not in _REMOVABLE:
        msg = (
            f"Order {change.was('number')} is {change.was('status')}; only drafts and cancelled orders can be deleted."
        )
        raise errors.InUse(msg)
