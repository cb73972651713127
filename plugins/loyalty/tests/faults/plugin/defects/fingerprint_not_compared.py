"""A transaction's id is all that counts: another request under it is answered with what the first one did."""

from __future__ import annotations

from typing import Any

from crmcore_loyalty.ledger import request


def plant() -> None:
    """Take any fingerprint for the right one."""
    replayed = request.replayed

    def whatever(stored: Any, fingerprint: str) -> Any:
        return replayed(stored, stored["fingerprint"])

    request.replayed = whatever
