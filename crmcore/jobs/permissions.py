"""What jobs let people do."""

from __future__ import annotations

__all__ = ["MANAGE"]

#: The permission to see all jobs with what they were given, to cancel them, try them again, and tell handlers again.
MANAGE = "jobs.manage"
