"""Figures of the business are not for everybody, and what they rest on for even fewer."""

from __future__ import annotations

from crmcore import Permission

__all__ = ["ESTIMATE", "PERMISSIONS", "REPORT"]

#: Seeing what points mean to finance, and drawing statements.
REPORT = "loyalty.report"
#: Saying how many points will ever be redeemed.
ESTIMATE = "loyalty.estimate"

PERMISSIONS = (
    Permission(REPORT, "See what loyalty points mean to finance: liability, journal, trial balance; draw statements."),
    Permission(ESTIMATE, "Say how many loyalty points will ever be redeemed, by which the liability is computed."),
)
