"""The log as a file: entries and heads, a line each, for the offline verifier."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator

from crmcore import Database
from crmcore_compliance.audit.heads import Head, heads_after

__all__ = ["exported"]

_LOT = 5000
_KEYS = "select distinct public from compliance_audit_head order by public"
_BODIES = "select body from compliance_audit_entry where number >= $1 and number < $2 order by number"


async def exported(database: Database) -> AsyncIterator[str]:
    """Give the lines of the log, as far as it is signed: what it is called, its entries, and each head behind its last entry."""
    keys = [key for (key,) in await database.fetch(_KEYS)]
    written, begun = 0, False
    after = -1
    while heads := await heads_after(database, after, 500):
        if not begun:
            yield _line({"log": {"id": heads[0].log, "keys": keys, "version": 1}})
            begun = True
        for head in heads:
            async for line in _entries(database, written, head):
                yield line
            written = head.size
            yield _line({"head": head.told})
        after = heads[-1].size


async def _entries(database: Database, first: int, head: Head) -> AsyncIterator[str]:
    for start in range(first, head.size, _LOT):
        for (body,) in await database.fetch(_BODIES, start, min(start + _LOT, head.size)):
            yield f"{body}\n"


def _line(value: object) -> str:
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False) + "\n"
