"""The rules of each kind of record, whatever the door."""

from crmcore_orders.rules.catalogue import prepare_category, prepare_price, prepare_product
from crmcore_orders.rules.line import prepare_line
from crmcore_orders.rules.order import prepare_order
from crmcore_orders.rules.refund import prepare_refund, prepare_refund_line

__all__ = [
    "prepare_category",
    "prepare_line",
    "prepare_order",
    "prepare_price",
    "prepare_product",
    "prepare_refund",
    "prepare_refund_line",
]
