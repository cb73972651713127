"""Who may look behind masks, and who may see who has looked."""

from __future__ import annotations

from crmcore import Permission

__all__ = ["ACCESS", "AUDIT", "PERMISSIONS", "REVEAL"]

#: Having a masked value shown in full.
REVEAL = "compliance.reveal"
#: Seeing whose data was looked at by whom.
ACCESS = "compliance.access"
#: Having proofs of what the audit log says.
AUDIT = "compliance.audit"

PERMISSIONS = (
    Permission(REVEAL, "Have a masked value shown in full, for a reason that is noted."),
    Permission(ACCESS, "See whose personal data was looked at by whom, and whom a breach touches."),
    Permission(AUDIT, "Have heads and proofs of the audit log."),
)
