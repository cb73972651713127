"""The tables of orders: what is sold, what was ordered, what was given back."""

from crmcore_orders.tables.catalogue import OrderCategory, OrderPrice, OrderProduct, OrderProductCategory
from crmcore_orders.tables.order import Order, OrderLine, OrderStatus
from crmcore_orders.tables.refund import OrderRefund, OrderRefundLine

__all__ = [
    "Order",
    "OrderCategory",
    "OrderLine",
    "OrderPrice",
    "OrderProduct",
    "OrderProductCategory",
    "OrderRefund",
    "OrderRefundLine",
    "OrderStatus",
]
