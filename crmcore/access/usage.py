"""When tokens and sessions were last used: written at most once a minute each, and never on a request's way."""

from __future__ import annotations

import asyncio
import logging
from contextvars import Context
from datetime import datetime, timedelta
from typing import Literal
from uuid import UUID

from crmcore.database import Database
from crmcore.errors import Unavailable

__all__ = ["Usage"]

logger = logging.getLogger("crmcore.access")

_MINUTE = timedelta(minutes=1)
_COLUMNS = {"crm_token": "last_used_at", "crm_session": "seen_at"}


class Usage:
    """Notes uses in the background.

    On SQLite there is one writer: a request that waited for it to note a use would wait for a running import to end.
    """

    def __init__(self) -> None:
        self._pending: dict[UUID, asyncio.Task[None]] = {}

    def note(
        self,
        database: Database,
        table: Literal["crm_token", "crm_session"],
        id: UUID,
        last: datetime | None,
        now: datetime,
    ) -> bool:
        """Write down a use, if the last one that was written down is a minute old; say whether it will be written."""
        if (last is not None and now - last < _MINUTE) or id in self._pending:
            return False
        # A context of its own: the write must not join a transaction the caller may have open.
        task = asyncio.get_running_loop().create_task(_write(database, table, id, now), context=Context())
        self._pending[id] = task
        task.add_done_callback(lambda _: self._pending.pop(id, None))
        return True

    async def settle(self) -> None:
        """Wait until everything noted is written."""
        while self._pending:
            # Not `gather`: of tasks that are all done it returns at once, before they are taken from `_pending`.
            await asyncio.wait(self._pending.values())


async def _write(database: Database, table: str, id: UUID, now: datetime) -> None:
    sql = f"update {table} set {_COLUMNS[table]} = $2 where id = $1"
    try:
        await database.execute(sql, id, now)
    except Unavailable:
        logger.warning("The database was too busy to note when a row of %s was last used; the next use will.", table)
