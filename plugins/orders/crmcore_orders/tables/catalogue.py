"""What can be ordered: products, their categories, their prices."""

from __future__ import annotations

from typing import ClassVar

from piccolo.table import Table

from crmcore import Customizable, Index, Record, Write
from crmcore import columns as c

__all__ = ["OrderCategory", "OrderPrice", "OrderProduct", "OrderProductCategory"]


class OrderProduct(Customizable, Record, Table, tablename="order_product"):
    """Something that can be ordered."""

    sku = c.text("Stock keeping unit: what it is called in the warehouse.", max_length=100, personal=False)
    title = c.text("What it is called, in the language of the house.", personal=False)
    titles = c.json(
        'What it is called in other languages: texts by BCP 47 tag, as `{"de-AT": "Marillenmarmelade"}`.',
        personal=False,
    )
    description = c.text("What there is to say about it.", null=True, max_length=20_000, form="text", personal=False)
    active = c.flag("Whether it can be ordered now.", default=True)

    __indexes__: ClassVar[tuple[Index, ...]] = (Index(("sku",), unique=True, live=True), Index(("title",)))


class OrderCategory(Record, Table, tablename="order_category"):
    """A kind of product; categories have categories below them."""

    code = c.text("A short name that programs know it by.", max_length=100, personal=False)
    title = c.text("What people call it.", personal=False)
    parent_id = c.link(
        "order_category",
        "The category above.",
        references="self",
        null=True,
        inverse="children",
        inverse_description="The categories right below.",
    )

    __indexes__: ClassVar[tuple[Index, ...]] = (Index(("code",), unique=True, live=True), Index(("parent_id",)))


class OrderProductCategory(Record, Table, tablename="order_product_category"):
    """That a product is of a category."""

    product_id = c.link(
        "order_product",
        "Which product.",
        references=OrderProduct,
        inverse="categories",
        inverse_description="The categories it is of.",
        on_delete="CASCADE",
        write=Write.CREATE,
    )
    category_id = c.link(
        "order_category",
        "Which category.",
        references=OrderCategory,
        inverse="products",
        inverse_description="The products that are of it.",
        on_delete="CASCADE",
        write=Write.CREATE,
    )

    __indexes__: ClassVar[tuple[Index, ...]] = (
        Index(("product_id", "category_id"), unique=True, live=True),
        Index(("category_id",)),
    )


class OrderPrice(Record, Table, tablename="order_price"):
    """What one piece of a product costs, in one currency, for a time."""

    product_id = c.link(
        "order_product",
        "Which product.",
        references=OrderProduct,
        inverse="prices",
        inverse_description="What it costs, by currency and time.",
        on_delete="CASCADE",
        write=Write.CREATE,
    )
    price = c.minor_units("What one piece costs.", currency="currency", null=False, minimum=0)
    currency = c.currency("Currency of the price.", null=False)
    valid_from = c.instant("From when on; now if nobody says.", default=None)
    valid_until = c.instant("Until when, that instant not included; null for no end.", null=True)

    __indexes__: ClassVar[tuple[Index, ...]] = (
        Index(("product_id", "currency", "valid_from"), unique=True, live=True),
    )
