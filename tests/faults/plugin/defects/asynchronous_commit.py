"""PostgreSQL says "committed" before the change is on disk (synchronous_commit = off): a crash takes it back."""

from __future__ import annotations

from typing import Any

import asyncpg

#: It is written within five seconds, not within the usual 0.2, as where the disk is busy.
_SELDOM = "alter system set wal_writer_delay = '5s'"


def plant() -> None:
    """Ask every session for it."""
    connect = asyncpg.connect

    async def careless(*given: Any, **more: Any) -> Any:
        more["server_settings"] = {**more.get("server_settings", {}), "synchronous_commit": "off"}
        connection = await connect(*given, **more)
        await connection.execute(_SELDOM)
        await connection.execute("select pg_reload_conf()")
        return connection

    asyncpg.connect = careless
