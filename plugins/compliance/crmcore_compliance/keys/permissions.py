"""Who may handle keys; nobody can read one."""

from __future__ import annotations

from crmcore import Permission

__all__ = ["KEYS", "PERMISSIONS"]

KEYS = "compliance.keys"

PERMISSIONS = (Permission(KEYS, "See which keys there are, and have them replaced; keys themselves nobody sees."),)
