"""Statements that check with the commit what is surely fine, and fail where it is not."""

from __future__ import annotations

from functools import lru_cache

__all__ = ["all_hold", "fails_unless", "holds"]


def fails_unless(condition: str) -> str:
    """Return a condition of PostgreSQL that no row meets; where the given one does not hold, or is null, the statement fails."""
    return f"1 / coalesce(({condition}), false)::int = 0"


@lru_cache(1024)
def holds(condition: str, dialect: str = "postgresql") -> str:
    """Return a statement that fails unless a condition holds; what it gives is nothing to anybody."""
    if dialect == "sqlite":
        # Of the least whole number there is no opposite, and divided by zero is null here.
        return f"select abs(case when {condition} then 0 else {-(2**63)} end)"
    return f"select where {fails_unless(condition)}"


@lru_cache(1024)
def all_hold(condition: str) -> str:
    """Return its form for several units of work: see `Database.later`."""
    return f"select from crm_given where {fails_unless(condition)}"
