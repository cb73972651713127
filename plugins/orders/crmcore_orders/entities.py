"""Which records there are, who may reach them, and what they are found by."""

from __future__ import annotations

from crmcore import Entity, Key, Timeline
from crmcore_orders.rules import (
    prepare_category,
    prepare_line,
    prepare_order,
    prepare_price,
    prepare_product,
    prepare_refund,
    prepare_refund_line,
)
from crmcore_orders.tables import (
    Order,
    OrderCategory,
    OrderLine,
    OrderPrice,
    OrderProduct,
    OrderProductCategory,
    OrderRefund,
    OrderRefundLine,
)

__all__ = ["entities"]

_SINCE = "0.1.0"
#: Orders are made by `orderPlace`, changed by their own mutations, and never destroyed piece by piece.
_HEAD = frozenset({"update", "delete", "restore", "destroy"})
_PLACED = Timeline("ORDER_PLACED", "They placed an order.", at="placed_at", path=(("customer_id", "customer"),))
_REFUNDED = Timeline(
    "ORDER_REFUNDED",
    "They were given money back for an order.",
    at="at",
    path=(("order_id", "order"), ("customer_id", "customer")),
)


def entities() -> list[Entity]:
    """Return the entities of the plugin."""
    return [
        Entity(
            OrderProduct,
            plural="orderProducts",
            prepare=prepare_product,
            keys=(Key("SKU", ("sku",)),),
            label="title",
            attachable=True,
            searched=("sku", "title"),
            since=_SINCE,
        ),
        Entity(
            OrderCategory,
            plural="orderCategories",
            prepare=prepare_category,
            keys=(Key("CODE", ("code",)),),
            label="title",
            since=_SINCE,
        ),
        Entity(
            OrderProductCategory,
            plural="orderProductCategories",
            guarded_by="product_id",
            keys=(Key("PRODUCT_CATEGORY", ("product_id", "category_id")),),
            since=_SINCE,
        ),
        Entity(
            OrderPrice,
            plural="orderPrices",
            prepare=prepare_price,
            guarded_by="product_id",
            keys=(Key("PRODUCT_CURRENCY_FROM", ("product_id", "currency", "valid_from")),),
            order=("-valid_from",),
            since=_SINCE,
        ),
        Entity(
            Order,
            plural="orders",
            prepare=prepare_order,
            keys=(Key("NUMBER", ("number",)),),
            actions=_HEAD,
            order=("-placed_at",),
            label="number",
            attachable=True,
            searched=("number",),
            timeline=(_PLACED,),
            since=_SINCE,
        ),
        Entity(
            OrderLine,
            plural="orderLines",
            prepare=prepare_line,
            guarded_by="order_id",
            keys=(Key("ORDER_POSITION", ("order_id", "position")),),
            actions=frozenset(),
            order=("position",),
            label="title",
            searched=("sku", "title"),
            found_as="order_id",
            since=_SINCE,
        ),
        Entity(
            OrderRefund,
            plural="orderRefunds",
            prepare=prepare_refund,
            guarded_by="order_id",
            keys=(Key("NUMBER", ("number",)),),
            actions=frozenset({"update"}),
            order=("-at",),
            label="number",
            timeline=(_REFUNDED,),
            since=_SINCE,
        ),
        Entity(
            OrderRefundLine,
            plural="orderRefundLines",
            prepare=prepare_refund_line,
            guarded_by="refund_id",
            keys=(Key("REFUND_LINE", ("refund_id", "order_line_id")),),
            actions=frozenset(),
            since=_SINCE,
        ),
    ]
