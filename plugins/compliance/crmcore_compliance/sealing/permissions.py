"""What one may be allowed to do with sealed columns."""

from __future__ import annotations

from typing import Final

from crmcore import Permission

__all__ = ["PERMISSIONS", "SEALING"]

SEALING: Final = "compliance.sealing"

PERMISSIONS: Final = (
    Permission(SEALING, "See how far fields are sealed, and have them sealed anew, indexed anew or opened."),
)
