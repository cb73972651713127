"""The log beside what it tells of: does each entry say what the change feed says, as far as that is kept?"""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Iterator
from typing import Any

from crmcore import Database, instants
from crmcore_compliance.audit.canonical import digest
from crmcore_compliance.audit.state import read_state

__all__ = ["differences"]

_LOT = 2000
_ENTRIES = """
    select n.number, n.id, n.kind, n.type, n.record, n.at, n.body, s.salt, e.id, e.row, e.was, e.details
    from compliance_audit_entry n left join compliance_audit_salt s on s.id = n.id left join crm_event e on e.id = n.id
    where n.number >= $1 order by n.number limit $2
"""
_UNTOLD = """
    select e.id from crm_event e left join compliance_audit_entry n on n.id = e.id
    where n.id is null and (e.era, e.transaction_id, e.position) <= ($1, $2, $3) limit 20
"""
_WAITING = "select events from compliance_audit_retold where number is null"


class _Comparison:
    """What was seen so far; some of it is explained by entries that come later."""

    def __init__(self, waiting: set[str]) -> None:
        self.number = 0
        self._waiting, self._told, self._erased = waiting, dict[str, str](), set[str]()
        self._saltless: dict[str, int] = {}
        self._different: dict[str, tuple[int, str]] = {}
        self._feed_begun = False

    def see(self, row: tuple[Any, ...]) -> Iterator[str]:
        n, id, kind, type, record, at, text, salt, event, *texts = row
        body: dict[str, Any] = json.loads(text)
        said = (body["id"], body["kind"], body["type"], body.get("record"), body["at"])
        if n != self.number or said != (str(id), kind, type, record, instants.wire(at)):
            yield f"Entry {self.number} has columns that differ from what was signed, or is not there."
        self.number = n + 1
        if kind == "note":
            self._note(type, body["facts"])
        elif kind == "event":
            if event is None and self._feed_begun:
                yield f"The event {id} of entry {n} was removed from the change feed, which still has older ones."
            self._feed_begun |= event is not None
            if salt is None:
                self._saltless[str(id)] = n
            elif event is not None and (now := digest(bytes.fromhex(salt), *texts)) != body["texts"]:
                self._different[str(id)] = n, now

    def _note(self, type: str, facts: dict[str, Any]) -> None:
        if type == "events.retold":
            self._told |= dict(facts["events"])
        elif type == "events.erased":
            self._erased.update(facts["events"])

    def unexplained(self) -> Iterator[str]:
        for id, n in self._saltless.items():
            if id not in self._erased | self._waiting:
                yield f"Entry {n} has lost its salt, and no erasure says why."
        for id, (n, now) in self._different.items():
            if self._told.get(id) != now and id not in self._waiting:
                yield f"The event {id} of entry {n} was changed after the log had told of it."


async def differences(database: Database) -> AsyncIterator[str]:
    """Give what differs, a sentence each."""
    state = await read_state(database)
    waiting = {one for (text,) in await database.fetch(_WAITING) for one in json.loads(text)}
    comparison = _Comparison(waiting)
    while rows := await database.fetch(_ENTRIES, comparison.number, _LOT):
        for row in rows:
            for problem in comparison.see(row):
                yield problem
    for problem in comparison.unexplained():
        yield problem
    read = state.cursor.era, state.cursor.transaction, state.cursor.position
    for (id,) in await database.fetch(_UNTOLD, *read):
        yield f"The event {id} stands in the change feed where the log has passed, and the log does not know it."
