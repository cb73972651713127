"""The way of an order: which step may follow which, and the instant that each leaves."""

from __future__ import annotations

from collections.abc import Mapping

from crmcore_orders.tables import OrderStatus

__all__ = ["AFTER", "INSTANTS", "passed"]

_S = OrderStatus

#: Where an order may go from where it stands.
AFTER: Mapping[str, frozenset[str]] = {
    _S.DRAFT.name: frozenset({_S.PLACED.name, _S.PAID.name, _S.FULFILLED.name, _S.COMPLETED.name, _S.CANCELLED.name}),
    _S.PLACED.name: frozenset({_S.PAID.name, _S.FULFILLED.name, _S.COMPLETED.name, _S.CANCELLED.name}),
    _S.PAID.name: frozenset({_S.FULFILLED.name, _S.COMPLETED.name, _S.CANCELLED.name}),
    _S.FULFILLED.name: frozenset({_S.COMPLETED.name}),
    _S.COMPLETED.name: frozenset(),
    _S.CANCELLED.name: frozenset(),
}
#: The column of the instant at which an order came to a step.
INSTANTS: Mapping[str, str] = {
    _S.PLACED.name: "placed_at",
    _S.PAID.name: "paid_at",
    _S.FULFILLED.name: "fulfilled_at",
    _S.COMPLETED.name: "completed_at",
    _S.CANCELLED.name: "cancelled_at",
}
_PASSED: Mapping[str, tuple[str, ...]] = {
    _S.DRAFT.name: (),
    _S.PLACED.name: ("placed_at",),
    _S.PAID.name: ("placed_at", "paid_at"),
    # Handed over, and perhaps to be paid on an invoice.
    _S.FULFILLED.name: ("placed_at", "fulfilled_at"),
    _S.COMPLETED.name: ("placed_at", "paid_at", "fulfilled_at", "completed_at"),
    _S.CANCELLED.name: ("cancelled_at",),
}


def passed(status: str) -> tuple[str, ...]:
    """Return the instants that an order of a status has, in their order."""
    return _PASSED[status]
