"""Whoever makes what is worth money needs a right for it; spending goes by the ledger's `loyalty.redeem`."""

from __future__ import annotations

from crmcore import Permission

__all__ = ["OCCASIONS", "PERMISSIONS", "REWARDS", "VOUCHERS"]

VOUCHERS = "loyalty.vouchers"
REWARDS = "loyalty.rewards"
OCCASIONS = "loyalty.events"

PERMISSIONS = (
    Permission(VOUCHERS, "Make vouchers and gift cards, give them new codes, declare them void."),
    Permission(REWARDS, "Hand rewards out and take them back."),
    Permission(OCCASIONS, "Register members for events, and check them in."),
)
