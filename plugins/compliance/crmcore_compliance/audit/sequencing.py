"""The sequencer: gives what has happened its place in the log, a batch at a time, and signs the new head.

All of a batch is one transaction, which begins by saying from where the log goes on: of two processes that are at it one is
told that it came too late, and after kill -9 either all of the batch is there or nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING
from uuid import uuid4

from crmcore import Database, clock
from crmcore_compliance.audit import bulk
from crmcore_compliance.audit.changes import changes
from crmcore_compliance.audit.entries import Entry, waiting
from crmcore_compliance.audit.heads import keep_head, signed
from crmcore_compliance.audit.offline import leaf_hash
from crmcore_compliance.audit.retelling import retellings, told_again
from crmcore_compliance.audit.state import advance, read_state
from crmcore_compliance.audit.tiles import load_tail, write_tail
from crmcore_compliance.state import compliance_of

if TYPE_CHECKING:
    from crmcore import Crm

__all__ = ["BATCH", "PROCESS", "sequence", "sequence_all"]

#: Entries of a batch, at most as many changes and as many of each other kind.
BATCH = 2000
#: This process, as the log's state calls who goes on with it.
PROCESS = str(uuid4())
#: Seconds for which others leave it to whoever was there last.
_HELD = 5.0

_ENTRY = {
    "id": "text as uuid",
    "number": "bigint",
    "kind": "text",
    "type": "text",
    "record": "text",
    "at": "text as timestamptz",
    "body": "text",
}
_MARK_NOTE = "update compliance_audit_note set number = $2 where id = $1"
_MARK_ACCESS = "update compliance_access set number = $2 where id = $1"


async def sequence(crm: Crm, *, limit: int = BATCH, holder: str = PROCESS) -> int:
    """Put what waits into the log: a batch.

    Args:

        crm: whose log.
        limit: how many entries of each kind at most.
        holder: who does it.

    Returns:

        How many entries there are more; 0 if nothing waited, or another process is at it.
    """
    database = crm.database
    state = await read_state(database)
    if state.held and state.holder != holder:
        return 0
    told, cursor = await changes(database, crm.feed, state.cursor, limit)
    own = await waiting(database, limit)
    again = await retellings(database)
    entries = [*told, *own.notes, *own.accesses, *(one.entry for one in again)]
    if not entries:
        return 0
    tail = await load_tail(database, state.size)
    for entry in entries:
        tail.add(leaf_hash(entry.body))
    signer = await compliance_of(crm).keyring.signing_key()
    head = signed(signer, state.log, tail.size, tail.root(), clock.now(), state.previous)
    async with database.transaction("read committed"):
        if not await advance(database, state, tail.size, cursor, head.digest, holder, _HELD):
            return 0
        await _keep(database, state.size, entries)
        await write_tail(database, tail)
        await keep_head(database, head)
        first = state.size + len(told)
        await _mark(database, _MARK_NOTE, own.notes, first)
        await _mark(database, _MARK_ACCESS, own.accesses, first + len(own.notes))
        await told_again(database, again, first + len(own.notes) + len(own.accesses))
    return len(entries)


async def sequence_all(crm: Crm, *, holder: str = PROCESS) -> int:
    """Put all that waits into the log; say how many entries that were."""
    found = 0
    while count := await sequence(crm, holder=holder):
        found += count
    return found


async def _keep(database: Database, first: int, entries: Sequence[Entry]) -> None:
    rows = [
        (entry.id, number, entry.kind, entry.type, entry.record, entry.at, entry.body.decode())
        for number, entry in enumerate(entries, first)
    ]
    await bulk.insert(database, "compliance_audit_entry", _ENTRY, rows)
    salts = [(entry.id, entry.salt.hex()) for entry in entries if entry.salt is not None]
    await bulk.insert(database, "compliance_audit_salt", {"id": "text as uuid", "salt": "text"}, salts)


async def _mark(database: Database, sql: str, entries: Sequence[Entry], first: int) -> None:
    if entries:
        await database.execute_many(sql, [(entry.id, number) for number, entry in enumerate(entries, first)])
