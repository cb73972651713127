"""What was refused is not remembered: the same request, sent again, has its effect once the reason is gone."""

from __future__ import annotations

from typing import Any

from crmcore.entities.idempotency import Once


def plant() -> None:
    """Refuse and forget."""

    async def forget(self: Any, database: Any, refusal: Any) -> Any:
        raise refusal

    Once.refuse = forget  # type: ignore[method-assign]
