"""The ledger's records as clients read them; only the server writes them."""

from __future__ import annotations

from typing import Any

from crmcore import Entity, Timeline
from crmcore_loyalty.tables.ledger import (
    LoyaltyAccount,
    LoyaltyEntry,
    LoyaltyHold,
    LoyaltyLot,
    LoyaltyTransaction,
)

__all__ = ["ENTITIES"]

_READ_ONLY: dict[str, Any] = {"guarded_by": "member_id", "actions": frozenset(), "since": "0.1.0"}
_MOVED = Timeline(
    "LOYALTY_POINTS",
    "Their points were moved.",
    at="recorded_at",
    path=(("member_id", "loyalty_member"), ("customer_id", "customer")),
)

ENTITIES = (
    Entity(LoyaltyAccount, plural="loyaltyAccounts", **_READ_ONLY),
    Entity(LoyaltyTransaction, plural="loyaltyTransactions", order=("-recorded_at",), timeline=(_MOVED,), **_READ_ONLY),
    Entity(LoyaltyEntry, plural="loyaltyEntries", order=("-recorded_at",), **_READ_ONLY),
    Entity(LoyaltyLot, plural="loyaltyLots", order=("expires_at",), **_READ_ONLY),
    Entity(LoyaltyHold, plural="loyaltyHolds", order=("-expires_at",), **_READ_ONLY),
)
