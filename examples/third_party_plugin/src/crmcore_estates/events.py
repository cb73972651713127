"""What happens to properties beyond what happens to every record."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from crmcore import Created, Event, Updated

__all__ = ["EstateSold", "EstateViewingCreated", "EstateViewingUpdated"]


@dataclass(frozen=True, kw_only=True)
class EstateSold(Event, of="estate", since="0.1.0"):
    """A property was sold; `after` is its row."""

    after: Mapping[str, Any]
    buyer_id: UUID


@dataclass(frozen=True, kw_only=True)
class EstateViewingCreated(Created, of="estate_viewing"):
    """A viewing was booked."""


@dataclass(frozen=True, kw_only=True)
class EstateViewingUpdated(Updated, of="estate_viewing"):
    """A viewing was moved, cancelled, or held."""
