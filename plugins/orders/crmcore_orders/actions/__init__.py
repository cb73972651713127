"""What one can do with orders beyond writing them down."""

from crmcore_orders.actions.place import order_draft, order_place, order_place_draft
from crmcore_orders.actions.refund import REFUND, order_refund
from crmcore_orders.actions.steps import order_cancel, order_complete, order_fulfil, order_pay

__all__ = [
    "ACTIONS",
    "REFUND",
    "order_cancel",
    "order_complete",
    "order_draft",
    "order_fulfil",
    "order_pay",
    "order_place",
    "order_place_draft",
    "order_refund",
]

ACTIONS = (
    order_place,
    order_draft,
    order_place_draft,
    order_pay,
    order_fulfil,
    order_complete,
    order_cancel,
    order_refund,
)
