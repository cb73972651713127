"""Handlers that are to hear of a record's events one after the other hear of them side by side."""

from __future__ import annotations

from typing import Any

from crmcore.events.handlers import Handlers


def plant() -> None:
    """Put their jobs into no lane."""
    rows_after = Handlers.rows_after

    def free(self: Any, event: Any) -> Any:
        return [row._replace(lane=None, at_once=None, ordered=False) for row in rows_after(self, event)]

    Handlers.rows_after = free  # type: ignore[method-assign]
