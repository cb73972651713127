"""SQL functions that SQLite lacks and PostgreSQL has under other names; only queries use them, never the schema."""

from __future__ import annotations

import sqlite3
from math import isfinite

__all__ = ["add_functions"]


def add_functions(raw: sqlite3.Connection) -> None:
    """Register them on a connection."""
    raw.create_function("crm_fold", 1, _fold, deterministic=True)
    raw.create_function("crm_float", 1, _float, deterministic=True)


def _fold(text: str | None) -> str | None:
    """Return a text for comparing without regard to case; SQLite's own `lower` and `like` know ASCII only."""
    return None if text is None else text.casefold()


def _float(number: float | None) -> str | None:
    """Return a number's shortest exact digits as JSON has them; SQLite before 3.43 prints fifteen."""
    return None if number is None or not isfinite(number) else repr(float(number))
