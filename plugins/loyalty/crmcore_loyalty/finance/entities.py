"""What finance keeps, as clients read it; only the server writes it."""

from __future__ import annotations

from crmcore import Entity
from crmcore_loyalty.tables.finance import LoyaltyBreakage, LoyaltyStatement

__all__ = ["ENTITIES"]

ENTITIES = (
    Entity(
        LoyaltyStatement,
        plural="loyaltyStatements",
        guarded_by="member_id",
        actions=frozenset(),
        order=("-begins_at",),
        since="0.1.0",
    ),
    Entity(LoyaltyBreakage, plural="loyaltyBreakages", actions=frozenset(), order=("-number",), since="0.1.0"),
)
