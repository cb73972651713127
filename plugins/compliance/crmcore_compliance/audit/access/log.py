"""The access log: who looked at sensitive data; written before anybody sees it, and one row for a field of a request."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping, Sequence
from contextvars import Context
from time import monotonic
from typing import TYPE_CHECKING, Any
from uuid import UUID

from crmcore import Database, camel, clock, ids, sealing
from crmcore_compliance.audit import bulk
from crmcore_compliance.audit.access.alarm import sound

if TYPE_CHECKING:
    from crmcore import Crm

__all__ = ["AccessLog", "Read"]

logger = logging.getLogger("crmcore_compliance.audit")

#: Whose data a record is, and the record.
Read = tuple[UUID | None, UUID]

#: Seconds after which it is looked anew who is a lure.
_FRESH = 10.0
_ACCESS = {
    "id": "uuid",
    "at": "timestamptz",
    "actor_kind": "text",
    "actor_id": "text",
    "entity": "text",
    "field": "text",
    "records": "integer",
    "outcome": "text",
    "purpose": "text",
    "request_id": "text",
}
_SUBJECT = {"id": "uuid", "access_id": "uuid", "subject_id": "uuid", "record_id": "uuid", "at": "timestamptz"}
_LURES = "select customer_id from compliance_honeytoken where deleted_at is null"

#: Rows of an access, and of whose data it was to.
Rows = tuple[list[tuple[Any, ...]], list[tuple[Any, ...]]]


class AccessLog:
    """Writes who looked at what, of one running CRM.

    Args:

        crm: see above.
    """

    def __init__(self, crm: Crm) -> None:
        self._crm = crm
        self._watched: frozenset[UUID] = frozenset()
        self._looked = 0.0
        self._waiting: list[Rows] = []
        self._writing: asyncio.Task[None] | None = None
        self._next: asyncio.Task[None] | None = None
        self._alarms: set[asyncio.Task[None]] = set()

    @property
    def watched(self) -> frozenset[UUID]:
        """The subjects that are lures: whoever opens any value of theirs is to be told of."""
        if monotonic() - self._looked > _FRESH:
            self._looked = monotonic()
            self._later(self.refresh())
        return self._watched

    async def refresh(self) -> None:
        """Look who is a lure."""
        self._watched = frozenset(id for (id,) in await self._crm.database.fetch(_LURES))
        self._looked = monotonic()

    async def accessed(self, reading: sealing.Reading, entity: str, reads: Mapping[str, Sequence[Read]]) -> None:
        """Note what somebody is about to see; it is on disk, or part of the open transaction, when this returns.

        Args:

            reading: for whom; each who is shown it also has an entry of their own.
            entity: of which entity.
            reads: by column, whose data of which records.
        """
        readings = reading, *reading.also
        each = [_rows(one, entity, reads) for one in readings]
        found = [row for accesses, _ in each for row in accesses], [row for _, subjects in each for row in subjects]
        if self._crm.database.in_transaction:
            await _write(self._crm.database, [found])
        else:
            await self._together(found)
            self._crm.pulse.beat()
        if lured := self._watched.intersection(subject for pairs in reads.values() for subject, _ in pairs if subject):
            for one, (accesses, _) in zip(readings, each, strict=True):
                logger.warning("%s looked at %s %s, which is a honeytoken.", one.actor.label, entity, set(lured))
                self._later(sound(self._crm, lured, one, entity, tuple(reads), accesses[0][0]))

    async def settle(self) -> None:
        """Wait until every alarm was given."""
        while self._alarms:
            await asyncio.wait(set(self._alarms))

    async def _together(self, found: Rows) -> None:
        """Write it with what others have to write at this moment: one statement for all of them.

        Raises:

            Exception: it could not be written; all that were to be written with it are told the same, and show nothing.
        """
        self._waiting.append(found)
        if self._next is None or self._next.done():
            # A context of its own: it belongs to no request.
            self._next = asyncio.get_running_loop().create_task(self._write_next(self._writing), context=Context())
        # Who gives up waiting takes it from nobody else.
        await asyncio.shield(self._next)

    async def _write_next(self, before: asyncio.Task[None] | None) -> None:
        if before is not None:
            await asyncio.wait([before])
        self._writing, self._next = self._next, None
        now, self._waiting = self._waiting, []
        await _write(self._crm.database, now)

    def _later(self, what: Any) -> None:
        task = asyncio.get_running_loop().create_task(what, context=Context())
        self._alarms.add(task)
        task.add_done_callback(self._alarms.discard)


def _rows(reading: sealing.Reading, entity: str, reads: Mapping[str, Sequence[Read]]) -> Rows:
    at, actor = clock.now(), reading.actor
    accesses, subjects = [], []
    for column, pairs in reads.items():
        access = ids.new()
        of = actor.type.value, actor.id, entity, camel(column), len(pairs), "READ", reading.purpose, reading.request_id
        accesses.append((access, at, *of))
        subjects += [(ids.new(), access, subject, record, at) for subject, record in pairs]
    return accesses, subjects


async def _write(database: Database, rows: Sequence[Rows]) -> None:
    async with database.transaction("read committed"):
        await bulk.insert(database, "compliance_access", _ACCESS, [row for accesses, _ in rows for row in accesses])
        whose = [row for _, subjects in rows for row in subjects]
        await bulk.insert(database, "compliance_access_subject", _SUBJECT, whose)
