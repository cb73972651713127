"""PostgreSQL says "committed" before the change is on disk (synchronous_commit = off): a crash takes it back."""

from __future__ import annotations

from typing import Any

import asyncpg


def plant() -> None:
    """Ask every session for it."""
    connect = asyncpg.connect

    async def careless(*given: Any, **more: Any) -> Any:
        more["server_settings"] = {**more.get("server_settings", {}), "synchronous_commit": "off"}
        return await connect(*given, **more)

    asyncpg.connect = careless
