"""Slow statements in the log: which operation, which SQL, and how the database means to run it."""

from __future__ import annotations

import asyncio
import logging
from collections import OrderedDict
from contextvars import Context
from hashlib import sha256
from time import monotonic
from typing import Any

from crmcore.database.explaining import Explained, explained, without_values
from crmcore.database.reading import only_reads
from crmcore.database.tally import Tally, Taped
from crmcore.errors import Refusal

__all__ = ["SlowLog"]

_log = logging.getLogger("crmcore.database.slow")

#: Seconds for which the same statement is told of in one line; a statement that is slow all day would fill the log.
_PAUSE = 60.0
#: How many statements' last entries are remembered.
_MOST = 512


class SlowLog:
    """Writes slow statements into the log.

    A statement's first entry in a minute has its SQL and, unless it writes, the database's plan; the others are one line
    that names it by the same fingerprint. One plan is asked for at a time, after the statement and outside its request.
    A request's are warnings; imports and migrations take their time, so what is no request's is information.

    Args:

        database: which to ask for plans.
        limit: seconds from which a statement is slow, for the message.
        values: whether values are logged; they are people's data.
    """

    def __init__(self, database: Explained, limit: float, *, values: bool = False) -> None:
        self._database, self._limit, self._values = database, limit, values
        self._told: OrderedDict[str, float] = OrderedDict()
        self._asking: asyncio.Task[None] | None = None

    def tell(self, taped: Taped, tally: Tally | None) -> None:
        """Log a statement; an entry with a plan comes a moment later."""
        level = logging.WARNING if tally is not None else logging.INFO
        if taped.sql.startswith("explain ") or not _log.isEnabledFor(level):
            return
        facts = self._facts(taped, tally)
        now = monotonic()
        if now - self._told.get(taped.sql, -_PAUSE) < _PAUSE:
            self._write(level, facts)
            return
        self._told[taped.sql] = now
        self._told.move_to_end(taped.sql)
        if len(self._told) > _MOST:
            self._told.popitem(last=False)
        facts["sql"] = taped.sql
        if self._values:
            facts["parameters"] = [str(value) for value in taped.params]
        if only_reads(taped.sql) and (self._asking is None or self._asking.done()):
            # A context of its own: in the request's it would be part of its transaction, and of its tally.
            asking = self._with_plan(level, facts, taped)
            self._asking = asyncio.get_running_loop().create_task(asking, context=Context())
        else:
            self._write(level, facts)

    async def settle(self) -> None:
        """Wait for the entry under way."""
        if self._asking is not None:
            await self._asking

    async def _with_plan(self, level: int, facts: dict[str, Any], taped: Taped) -> None:
        try:
            plan = await explained(self._database, taped.sql, taped.params)
            facts["plan"] = plan if self._values else without_values(plan)
        except Refusal as refusal:
            facts["plan"] = f"none: {refusal.message}"
        finally:
            self._write(level, facts)

    def _facts(self, taped: Taped, tally: Tally | None) -> dict[str, Any]:
        return {
            "operation": tally.operation if tally else None,
            "request_id": tally.request_id if tally else None,
            "ms": round(taped.seconds * 1000, 1),
            "statement": sha256(taped.sql.encode()).hexdigest()[:12],
        }

    def _write(self, level: int, facts: dict[str, Any]) -> None:
        whose = f"operation {facts['operation']!r}" if facts["operation"] else "no named operation"
        message = "Statement %s of %s took %.0f ms; from %.0f ms on (log.slow_statement) a statement is slow."
        _log.log(level, message, facts["statement"], whose, facts["ms"], self._limit * 1000, extra={"facts": facts})
