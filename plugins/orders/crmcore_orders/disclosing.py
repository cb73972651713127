"""What orders say of a customer beyond the orders themselves: how much they have spent."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Any

from crmcore import Money, subjects
from crmcore_orders.tables import OrderStatus

if TYPE_CHECKING:
    from crmcore import Crm

__all__ = ["disclose"]

#: Drafts and cancelled orders are no purchases.
_BOUGHT = frozenset(OrderStatus) - {OrderStatus.DRAFT, OrderStatus.CANCELLED}


async def disclose(crm: Crm, subject: subjects.Subject) -> list[subjects.Exported]:
    """Say what a person has spent, by currency, less what was given back."""
    found = await subjects.records_of(crm.database, crm.entities, subject)
    spent: dict[str, int] = defaultdict(int)
    async for order in subjects.rows_of(crm.database, crm.entities["order"], found.get("order", ())):
        if OrderStatus[order["status"]] in _BOUGHT:
            spent[order["currency"]] += order["total"] - order["refunded"]
    records: list[dict[str, Any]] = [
        {"spent": str(Money(minor, currency).amount), "currency": currency} for currency, minor in sorted(spent.items())
    ]
    said = "What you have spent on orders, less what was given back, by currency."
    return [subjects.Exported("order_spending", said, records)] if records else []
