"""What happens to to-dos."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from crmcore import Event

__all__ = ["TaskCompleted"]


@dataclass(frozen=True, kw_only=True)
class TaskCompleted(Event, of="task", since="0.1.0"):
    """A to-do was done; `after` is its row, `next_id` the repetition that was made, if it repeats."""

    after: Mapping[str, Any]
    next_id: UUID | None
