"""Who may decide on requests, keep data from being erased, or see whose data are restricted."""

from __future__ import annotations

from crmcore import Permission

__all__ = ["HOLDS", "PERMISSIONS", "REQUESTS", "RESTRICTED", "RETENTION"]

REQUESTS = "compliance.requests"
HOLDS = "compliance.holds"
RESTRICTED = "compliance.restricted"
RETENTION = "compliance.retention"

PERMISSIONS = (
    Permission(REQUESTS, "Receive what people demand by data protection law, decide on it, and hand out packages."),
    Permission(HOLDS, "Place and release legal holds."),
    Permission(RESTRICTED, "See people whose data may be kept and not used."),
    Permission(RETENTION, "Try and carry out rules of retention."),
)
