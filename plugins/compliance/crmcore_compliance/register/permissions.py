"""Permissions of the register."""

from __future__ import annotations

__all__ = ["REGISTER_READ"]

#: Reads the record of processing and the classification of fields, and scans texts.
REGISTER_READ = "compliance.register"
