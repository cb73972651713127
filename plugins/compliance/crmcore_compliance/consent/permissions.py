"""Permissions of consent."""

from __future__ import annotations

__all__ = ["CONSENT_RECORD"]

#: Records what people decided.
CONSENT_RECORD = "compliance.consent"
