"""What a client says of an order that is to be placed, and of a refund."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Annotated
from uuid import UUID

from crmcore import Money, Ref

__all__ = ["OrderDraft", "OrderDraftLine", "OrderRefundDraft", "OrderRefundDraftLine"]


@dataclass(frozen=True)
class OrderDraftLine:
    """So many pieces of one thing: a product of the catalogue, or whatever the title says."""

    quantity: Annotated[int, "How many pieces."] = 1
    sku: Annotated[str | None, "The product's SKU; alone, it may be one that no catalogue has."] = None
    product_id: Annotated[UUID | None, Ref("order_product"), "The product, instead of its SKU."] = None
    title: Annotated[str | None, "What the customer saw; left out, the product's title."] = None
    unit_price: Annotated[Money | None, "What one piece costs; left out, the product's price of that time."] = None
    discount: Annotated[Money | None, "What is taken off all pieces together."] = None
    tax: Annotated[Money | None, "The tax on it, as an amount."] = None
    tax_percent: Annotated[Decimal | None, "The tax on it, as a rate."] = None


@dataclass(frozen=True)
class OrderDraft:
    """An order with its lines; all amounts are of one currency."""

    currency: Annotated[str, "ISO 4217 code of all its amounts."]
    lines: Annotated[list[OrderDraftLine], "What is ordered."]
    customer_id: Annotated[UUID | None, Ref("customer"), "Who orders; null for a guest."] = None
    number: Annotated[str | None, "What customer and house call it; made if you do not say."] = None
    channel: Annotated[str | None, "By which way it came; a registered key, `WEB` if you do not say."] = None
    placed_at: Annotated[datetime | None, "When it was placed; now if you do not say."] = None
    tax_included: Annotated[bool, "Whether prices include the tax."] = False
    discount: Annotated[Money | None, "Taken off the order, besides its lines' discounts; lines share it."] = None
    discount_percent: Annotated[Decimal | None, "The same as a rate."] = None
    tax: Annotated[Money | None, "The tax on the order as one amount, instead of its lines'; lines share it."] = None
    shipping: Annotated[Money | None, "What bringing it costs, its tax included."] = None
    total: Annotated[Money | None, "What you showed the customer; refused if the order comes to anything else."] = None
    note: Annotated[str | None, "What else there is to say."] = None
    owner_id: Annotated[UUID | None, Ref("user"), "Who is in charge; you, if you do not say."] = None


@dataclass(frozen=True)
class OrderRefundDraftLine:
    """What is given back for one line of the order."""

    line_id: Annotated[UUID, Ref("order_line"), "Which line."]
    quantity: Annotated[int, "How many pieces come back; 0 if the customer keeps them."] = 0
    amount: Annotated[Money | None, "How much; left out, the pieces' share of what is still paid for the line."] = None


@dataclass(frozen=True)
class OrderRefundDraft:
    """What is given back for an order."""

    order_id: Annotated[UUID, Ref("order"), "Which order."]
    lines: Annotated[list[OrderRefundDraftLine], "For which lines."] = field(default_factory=list)
    shipping: Annotated[Money | None, "How much of the shipping."] = None
    number: Annotated[str | None, "What customer and house call it; made if you do not say."] = None
    reason: Annotated[str | None, "Why."] = None
    restock: Annotated[bool, "Whether what comes back can be sold again."] = False
    at: Annotated[datetime | None, "When; now if you do not say."] = None
