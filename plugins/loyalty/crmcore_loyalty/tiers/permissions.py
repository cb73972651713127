"""Giving tiers by hand is a right of its own."""

from __future__ import annotations

from crmcore import Permission

__all__ = ["PERMISSIONS", "TIERS"]

#: Giving a tier by hand, and having members evaluated anew.
TIERS = "loyalty.tiers"

PERMISSIONS = (Permission(TIERS, "Give loyalty tiers by hand, and have members evaluated anew."),)
