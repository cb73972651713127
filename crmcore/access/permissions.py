"""What access lets people do beside reading and writing records: the names of its permissions."""

from __future__ import annotations

__all__ = ["DIAGNOSE", "INTROSPECT"]

#: The permission to read metrics, and to see the SQL behind an operation and how the database runs it.
DIAGNOSE = "access.diagnose"
#: The permission to ask the API for its schema, and to be told of names like one that is unknown.
INTROSPECT = "access.introspect"
