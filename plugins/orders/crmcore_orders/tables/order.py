"""What was ordered: orders and their lines."""

from __future__ import annotations

from enum import Enum
from typing import ClassVar

from piccolo.table import Table

from crmcore import Customizable, Index, Owned, Record, Write
from crmcore import columns as c
from crmcore_orders.tables.catalogue import OrderProduct

__all__ = ["Order", "OrderLine", "OrderStatus"]


class OrderStatus(Enum):
    """Where an order stands."""

    DRAFT = "It is being put together; nobody has promised anything."
    PLACED = "The customer has ordered."
    PAID = "The customer has paid."
    FULFILLED = "What was ordered was handed over or sent."
    COMPLETED = "All is done, and the time to think it over has passed."
    CANCELLED = "It will not be."


class Order(Customizable, Owned, Record, Table, tablename="orders_order"):
    """What a customer ordered at one time; all amounts are of one currency."""

    customer_id = c.link(
        "customer",
        "Who ordered; null for a guest, and for a customer who was destroyed.",
        references="crmcore.customers.tables:Customer",
        null=True,
        inverse="orders",
        inverse_description="What this customer has ordered.",
        on_delete="SET NULL",
    )
    number = c.text(
        "What customer and house call it; made if nobody says.",
        default=None,
        max_length=100,
        personal=False,
        write=Write.CREATE,
    )
    status = c.choice(OrderStatus, "Where it stands.", default=OrderStatus.DRAFT, write=Write.CREATE)
    channel = c.text("By which way it came.", default="WEB", registry="order_channels", max_length=50)
    placed_at = c.instant("When it was placed; null for a draft.", null=True, write=Write.CREATE)
    tax_included = c.flag(
        "Whether prices include the tax; then the tax is said and not added.", default=False, write=Write.CREATE
    )

    subtotal = c.minor_units(
        "Pieces times prices, before discounts.", currency="currency", null=False, minimum=0, write=Write.CREATE
    )
    discount = c.minor_units(
        "All discounts, those of lines among them.",
        currency="currency",
        null=False,
        default=0,
        minimum=0,
        write=Write.CREATE,
    )
    tax = c.minor_units("The tax.", currency="currency", null=False, default=0, minimum=0, write=Write.CREATE)
    shipping = c.minor_units(
        "What bringing it costs.", currency="currency", null=False, default=0, minimum=0, write=Write.CREATE
    )
    total = c.minor_units("What is to be paid.", currency="currency", null=False, minimum=0, write=Write.CREATE)
    refunded = c.minor_units("What was given back of that.", currency="currency", null=False, write=Write.NEVER)
    currency = c.currency("Currency of all amounts of the order.", null=False, write=Write.CREATE)

    note = c.text("What else there is to say.", null=True, max_length=20_000, form="text", personal="user.content")
    paid_at = c.instant("When it was paid.", null=True, write=Write.NEVER)
    fulfilled_at = c.instant("When it was handed over or sent.", null=True, write=Write.NEVER)
    completed_at = c.instant("When it was completed.", null=True, write=Write.NEVER)
    cancelled_at = c.instant("When it was cancelled.", null=True, write=Write.NEVER)
    cancel_reason = c.text("Why it was cancelled.", null=True, personal="user.content", write=Write.NEVER)

    __indexes__: ClassVar[tuple[Index, ...]] = (
        Index(("number",), unique=True, live=True),
        Index(("customer_id", "placed_at desc")),
        Index(("placed_at",)),
        Index(("owner_id",)),
        Index(("team_id",)),
    )


class OrderLine(Record, Table, tablename="order_line"):
    """So many pieces of one thing, as part of an order."""

    order_id = c.link(
        "order",
        "Of which order.",
        references=Order,
        inverse="lines",
        inverse_description="What was ordered, line by line.",
        on_delete="CASCADE",
        write=Write.CREATE,
    )
    product_id = c.link(
        "order_product",
        "Which product; null for what is in no catalogue.",
        references=OrderProduct,
        null=True,
        inverse="orderLines",
        inverse_description="The lines by which it was ordered.",
        on_delete="SET NULL",
        write=Write.CREATE,
    )
    position = c.integer("Its place in the order, from 1 on.", minimum=1, write=Write.CREATE)
    sku = c.text(
        "The product's SKU when it was ordered.", null=True, max_length=100, personal=False, write=Write.CREATE
    )
    title = c.text("What was ordered, as the customer saw it.", personal=False, write=Write.CREATE)
    quantity = c.integer("How many pieces.", minimum=1, write=Write.CREATE)
    unit_price = c.minor_units(
        "What one piece cost; null where only the total is known.", currency="currency", minimum=0, write=Write.CREATE
    )
    discount = c.minor_units(
        "Taken off all pieces together, the share of the order's discount among it.",
        currency="currency",
        null=False,
        default=0,
        minimum=0,
        write=Write.CREATE,
    )
    tax = c.minor_units("The tax on it.", currency="currency", null=False, default=0, minimum=0, write=Write.CREATE)
    total = c.minor_units(
        "What is to be paid for it: pieces times price, less discount, and the tax unless prices include it.",
        currency="currency",
        null=False,
        minimum=0,
        write=Write.CREATE,
    )
    returned_quantity = c.integer("How many pieces came back.", write=Write.NEVER)
    refunded = c.minor_units("What was given back for it.", currency="currency", null=False, write=Write.NEVER)
    currency = c.currency("Currency of the amounts, the order's.", null=False, write=Write.CREATE)

    __indexes__: ClassVar[tuple[Index, ...]] = (
        Index(("order_id", "position"), unique=True, live=True),
        Index(("product_id",)),
    )
