"""Accounts are read without being locked: two at once write what each has calculated alone."""

from __future__ import annotations

from typing import Any

from crmcore_loyalty.ledger import ground


def plant() -> None:
    """Leave the lock out of the statements."""
    locking = ground._lock_sql

    def unlocked(*given: Any) -> str:
        return locking(*given).replace("for no key update of a", "")

    assert "for no key update of a" in ground._LOCK_AHEAD
    ground._LOCK_AHEAD = ground._LOCK_AHEAD.replace("for no key update of a", "")
    ground._lock_sql = unlocked  # type: ignore[assignment]
