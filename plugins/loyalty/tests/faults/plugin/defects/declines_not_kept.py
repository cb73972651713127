"""What was declined is not remembered: the same request, sent again, is done once there are points."""

from __future__ import annotations

from typing import Any

from crmcore_loyalty.ledger.request import Request


def plant() -> None:
    """Decline and forget."""
    declined = Request.declined

    def forgotten(self: Any, *given: Any, **more: Any) -> Any:
        refusal = declined(self, *given, **more)
        refusal.keep = None
        return refusal

    Request.declined = forgotten  # type: ignore[method-assign]
