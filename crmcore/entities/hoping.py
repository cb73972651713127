"""Statements that check with the commit what is surely fine: PostgreSQL gives no rows for them, and fails where it is not."""

from __future__ import annotations

from functools import lru_cache

__all__ = ["all_hold", "fails_unless", "holds"]


def fails_unless(condition: str) -> str:
    """Return a condition that no row meets; where the given one does not hold, or is null, the statement fails."""
    return f"1 / coalesce(({condition}), false)::int = 0"


@lru_cache(1024)
def holds(condition: str) -> str:
    """Return a statement without rows that fails unless a condition holds."""
    return f"select where {fails_unless(condition)}"


@lru_cache(1024)
def all_hold(condition: str) -> str:
    """Return its form for several units of work: see `Database.later`."""
    return f"select from crm_given where {fails_unless(condition)}"
