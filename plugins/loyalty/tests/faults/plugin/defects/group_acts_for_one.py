"""Whatever is posted together is said to be of whoever came first."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from crmcore_loyalty.ledger import desk


def plant() -> None:
    """Take the first of a group for all of them."""
    together = desk.post_together

    async def taken(work: Any, postings: Any) -> Any:
        return await together(work, [replace(one, actor=postings[0].actor) for one in postings])

    desk.post_together = taken  # type: ignore[attr-defined]
