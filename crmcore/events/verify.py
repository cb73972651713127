"""Is the feed whole: does every record's history go on without a gap, and does it end with the record as it stands?"""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from uuid import UUID

import msgspec

from crmcore.database import ids
from crmcore.entities.entity import Entity
from crmcore.events.recorded import COLUMNS, Recorded
from crmcore.events.types import VERBS

if TYPE_CHECKING:
    from crmcore.app import Crm

__all__ = ["Verdict", "verify"]

_ROWS = 10_000


@dataclass(slots=True)
class Verdict:
    """What was found.

    Attributes:

        events: how many events were read.
        records: how many records they are about.
        problems: what is wrong, a sentence each.
    """

    events: int = 0
    records: int = 0
    problems: list[str] = field(default_factory=list)


class _Histories:
    """Follows each record from event to event by its version."""

    def __init__(self, verdict: Verdict) -> None:
        self._verdict = verdict
        self.last: dict[UUID, int] = {}

    def add(self, one: Recorded) -> None:
        self._verdict.events += 1
        try:
            one.event()
        except (LookupError, ValueError, TypeError, msgspec.MsgspecError) as error:
            self._say(one, f"cannot be read: {error}")
            return
        verb = one.type.rpartition(".")[2]
        if verb not in VERBS or (version := one.values().get("version")) is None:
            return
        before = self.last.get(one.record_id)
        expected = version if before is None else before + (verb != "destroyed")
        if verb == "created" and before is not None:
            self._say(one, f"says that the record was made, which had version {before} already")
        elif version != expected:
            self._say(one, f"brings version {version} where {expected} was to come")
        self.last[one.record_id] = version

    def _say(self, one: Recorded, what: str) -> None:
        record = ids.encode(one.entity, one.record_id)
        self._verdict.problems.append(f"The event {one.id} ({one.type} of {record}, cursor {one.cursor}) {what}.")


async def verify(crm: Crm) -> Verdict:
    """Read all tables and the whole feed; people can go on working.

    Records that have no events (seeded ones, and those that are older than the feed) are left out.
    """
    # The tables first: whatever stands in them by now, the feed tells of when it is read to its end.
    standing = {entity.name: [row async for row in _versions(crm, entity)] for entity in crm.entities.values()}
    verdict = Verdict()
    histories = _Histories(verdict)
    async for one in _feed(crm):
        histories.add(one)
    verdict.records = len(histories.last)
    for entity, rows in standing.items():
        for id, version in rows:
            told = histories.last.get(id)
            if told is not None and told < version and await _newest(crm, entity, id) < version:
                verdict.problems.append(
                    f"{ids.encode(entity, id)} is at version {version}, and the feed knows of nothing after version {told}."
                )
    return verdict


async def _feed(crm: Crm) -> AsyncIterator[Recorded]:
    page = await crm.feed.read(None, as_stored=True)
    while True:
        for one in page.events:
            yield one
        if not page.more:
            return
        page = await crm.feed.read(page.cursor, as_stored=True)


async def _newest(crm: Crm, entity: str, id: UUID) -> int:
    """Return the version that a record's last event with a row brings, settled or not."""
    sql = f"select {COLUMNS} from crm_event where record_id = $1 and row is not null"
    found = [Recorded.of(row, crm.entities, crm.event_types) for row in await crm.database.fetch(sql, id)]
    return max((one.values()["version"] for one in found if one.entity == entity), default=0)


async def _versions(crm: Crm, entity: Entity) -> AsyncIterator[tuple[UUID, int]]:
    if "version" not in entity.columns:
        return
    sql = f"select id, version from {entity.tablename} where id > $1 order by id limit {_ROWS}"
    last = UUID(int=0)
    while rows := await crm.database.fetch(sql, last):
        for id, version in rows:
            yield id, version
        last = rows[-1][0]
