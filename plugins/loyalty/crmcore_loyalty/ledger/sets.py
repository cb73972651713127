"""Sets of ids as one value of a statement, on either database."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from crmcore import Work

__all__ = ["among", "listed"]


def among(work: Work, column: str, place: int) -> str:
    """Return the condition that a column is one of the ids that `listed` makes a value of."""
    if work.database.dialect == "sqlite":
        return f"{column} in (select value from json_each(${place}))"
    return f"{column} = any(${place}::uuid[])"


def listed(work: Work, ids: Iterable[UUID]) -> Any:
    """Return ids as one value."""
    return [str(id) for id in ids] if work.database.dialect == "sqlite" else list(ids)
