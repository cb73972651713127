"""Events that are written anew after the log has told of them: sealed under another key, or without what was erased.

Leaves never change. Whoever writes events anew notes which, in the same transaction; the sequencer then puts an entry into the
log that has the new digests, or that says that what they told was erased, and with the salts goes all that the old digests say.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from crmcore import Database, clock, ids, instants
from crmcore.events.cursor import START, Cursor
from crmcore_compliance.audit.canonical import canonical, digest
from crmcore_compliance.audit.entries import Entry

__all__ = ["Retelling", "forgotten", "retellings", "retold", "told_again"]

#: Events of one entry, and entries of one batch.
_EVENTS, _AT_ONCE = 500, 20

_NOTE = "insert into compliance_audit_retold (id, events, erased, reason) values ($1, $2, $3, $4)"
_OF_RECORDS = "select id from crm_event where entity = $1 and record_id in ({among})"
_BETWEEN = {
    "sqlite": "select id from crm_event where entity = $1 and position > $4 and position <= $7",
    "postgresql": """
        select id from crm_event where entity = $1 and (era, transaction_id, position) > ($2, $3, $4)
            and (era, transaction_id, position) <= ($5, $6, $7)
    """,
}
_FORGET = "delete from compliance_audit_salt where id in ({among})"
_WAITING = "select id, events, erased, reason from compliance_audit_retold where number is null order by id limit $1"
_TOLD = "select count(*) from compliance_audit_entry where id in ({among})"
_TEXTS = """
    select e.id, s.salt, e.row, e.was, e.details from crm_event e join compliance_audit_salt s on s.id = e.id
    where e.id in ({among})
"""
_DONE = "update compliance_audit_retold set number = $2 where id = $1"
_END = Cursor(2**15 - 1, 2**63 - 1, 2**63 - 1)


@dataclass(frozen=True, slots=True)
class Retelling:
    """An entry about events that were written anew, and those of them whose salts go."""

    entry: Entry
    erased: Sequence[UUID]


async def retold(
    database: Database,
    entity: str,
    *,
    records: Collection[UUID] | None = None,
    after: Cursor | None = None,
    until: Cursor | None = None,
) -> None:
    """Note that events of an entity were written anew, in the transaction that did.

    Args:

        database: where.
        entity: whose events.
        records: those of these records, or else
        after: those after this place of the feed,
        until: and until that one; None is the end.
    """
    if records is None:
        first, last = after or START, until or _END
        bounds = first.era, first.transaction, first.position, last.era, last.transaction, last.position
        found = await database.fetch(_BETWEEN[database.dialect], entity, *bounds)
    else:
        found = await database.fetch(_sql(database, _OF_RECORDS, "$2"), entity, list(records))
    await _note(database, [id for (id,) in found], False, None)


async def forgotten(database: Database, entity: str, *, records: Collection[UUID], reason: str) -> None:
    """Note that what events of records told was erased, in the transaction that did; nobody can guess it any more.

    Args:

        database: where.
        entity: whose events.
        records: which records.
        reason: why, such as the id of a request; nothing personal.
    """
    found = await database.fetch(_sql(database, _OF_RECORDS, "$2"), entity, list(records))
    events = [id for (id,) in found]
    await database.execute(_sql(database, _FORGET, "$1"), events)
    await _note(database, events, True, reason)


async def retellings(database: Database) -> list[Retelling]:
    """Return the entries about events that were written anew; those that the log has not told of at all can wait."""
    found = []
    for id, text, erased, reason in await database.fetch(_WAITING, _AT_ONCE):
        events = [UUID(one) for one in json.loads(text)]
        if await database.fetch_value(_sql(database, _TOLD, "$1"), events) == len(events):
            found.append(await _retelling(database, id, events, erased, reason))
    return found


async def told_again(database: Database, done: Sequence[Retelling], first: int) -> None:
    """Keep what their entries say, in the transaction that gives the entries their numbers, from `first` on."""
    for number, one in enumerate(done, first):
        if one.erased:
            await database.execute(_sql(database, _FORGET, "$1"), list(one.erased))
        await database.execute(_DONE, one.entry.id, number)


async def _note(database: Database, events: Sequence[UUID], erased: bool, reason: str | None) -> None:
    for start in range(0, len(events), _EVENTS):
        part = [str(event) for event in events[start : start + _EVENTS]]
        await database.execute(_NOTE, ids.new(), part, erased, reason)


async def _retelling(
    database: Database, id: UUID, events: Sequence[UUID], erased: bool, reason: str | None
) -> Retelling:
    facts: dict[str, Any] = {"events": [str(event) for event in events], "reason": reason}
    if not erased:
        rows = await database.fetch(_sql(database, _TEXTS, "$1"), list(events))
        facts = {"events": sorted([str(event), digest(bytes.fromhex(salt), *texts)] for event, salt, *texts in rows)}
    at, type = instants.wire(clock.now()), "events.erased" if erased else "events.retold"
    body = {"at": at, "facts": facts, "id": str(id), "kind": "note", "texts": None, "type": type, "v": 1}
    entry = Entry(str(id), "note", type, None, at, canonical(body), None)
    return Retelling(entry, events if erased else ())


def _sql(database: Database, sql: str, place: str) -> str:
    among = (
        f"select value from json_each({place})" if database.dialect == "sqlite" else f"select unnest({place}::uuid[])"
    )
    return sql.format(among=among)
