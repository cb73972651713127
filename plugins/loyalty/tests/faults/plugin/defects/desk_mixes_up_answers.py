"""Each of a group gets the outcome of the one before it."""

from __future__ import annotations

from typing import Any

from crmcore_loyalty.ledger import desk


def plant() -> None:
    """Turn what came of a group round by one."""
    together = desk.post_together

    async def turned(work: Any, postings: Any) -> Any:
        outcomes = await together(work, postings)
        return [outcomes[-1], *outcomes[:-1]]

    desk.post_together = turned
