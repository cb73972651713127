"""Values between JSON, as statements and clients have it, and Python."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any, Final
from uuid import UUID

from crmcore.database import instants
from crmcore.entities import kinds

__all__ = ["READ", "SHOWN"]

#: From JSON to Python, by the name of the kind; others are the same in both.
READ: Final[Mapping[str, Callable[[Any], Any]]] = {
    kinds.ID.name: UUID,
    kinds.BIGINT.name: int,
    kinds.INSTANT.name: instants.parse,
    kinds.DATE.name: date.fromisoformat,
    kinds.FLOAT.name: float,
}
#: From Python to JSON.
SHOWN: Final[Mapping[str, Callable[[Any], Any]]] = {
    kinds.ID.name: str,
    kinds.BIGINT.name: str,
    kinds.INSTANT.name: instants.wire,
    kinds.DATE.name: date.isoformat,
}
