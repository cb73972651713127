"""How much a database does for a statement, counted rather than timed."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from crmcore.database import Database, instants
from crmcore.database.address import Address
from crmcore.database.sqlite.functions import add_functions

__all__ = ["work"]

#: SQLite tells of its progress every so many instructions.
_STEP = 10


async def work(database: Database, sql: str, params: Sequence[Any]) -> int:
    """Run a statement that reads and return what it cost: SQLite's instructions, PostgreSQL's buffers."""
    if database.dialect == "postgresql":
        [(plan,)] = await database.fetch(f"explain (analyze, buffers, timing off, format json) {sql}", *params)
        top = (json.loads(plan) if isinstance(plan, str) else plan)[0]["Plan"]
        return int(top["Shared Hit Blocks"] + top["Shared Read Blocks"])
    ticks: list[None] = []
    raw = sqlite3.connect(str(Address.parse(database.url).path))
    try:
        add_functions(raw)
        raw.set_progress_handler(lambda: ticks.append(None), _STEP)
        raw.execute(sql, {str(i): _plain(value) for i, value in enumerate(params, 1)}).fetchall()
    finally:
        raw.close()
    return len(ticks) * _STEP


def _plain(value: Any) -> Any:
    if isinstance(value, UUID):
        return str(value)
    return instants.wire(value) if isinstance(value, datetime) else value
