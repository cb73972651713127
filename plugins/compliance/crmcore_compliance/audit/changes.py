"""Changes as the feed has them, read as texts: the log needs no value of them, only what stands there."""

from __future__ import annotations

import os
from functools import lru_cache
from typing import Any

import msgspec

from crmcore import Database
from crmcore.events.cursor import Cursor
from crmcore.events.feed import Feed
from crmcore_compliance.audit.canonical import EventBody, digest
from crmcore_compliance.audit.entries import SALT, Entry

__all__ = ["changes"]

# Nothing is made a UUID or an instant only to be a text again.
_HEAD = {
    "sqlite": "id || '', at || '', record_id || ''",
    "postgresql": """id::text, to_char(at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'), record_id::text""",
}
_READ = """
    select {head}, type, entity, actor, request_id, row, was, details, era, transaction_id, position from crm_event
    where {between} order by {order} limit $7
"""
# As the feed itself reads: on SQLite the number alone is the order.
_BETWEEN = {
    "sqlite": "position > $3 and position <= $6",
    "postgresql": "(era, transaction_id, position) > ($1, $2, $3) and (era, transaction_id, position) <= ($4, $5, $6)",
}
_ORDER = {"sqlite": "position", "postgresql": "era, transaction_id, position"}
_encoder = msgspec.json.Encoder()


class _Stamp(msgspec.Struct):
    type: str
    id: str | None = None


_stamp = msgspec.json.Decoder(_Stamp)


async def changes(database: Database, feed: Feed, after: Cursor, limit: int) -> tuple[list[Entry], Cursor]:
    """Return the entries of what is settled after a place of the feed, and where that ends.

    Args:

        database: where.
        feed: of it; it knows behind what nothing can turn up any more.
        after: what is in the log already.
        limit: how many at most.
    """
    end = await feed.end()
    if end <= after:
        return [], after
    bounds = after.era, after.transaction, after.position, end.era, end.transaction, end.position
    dialect = database.dialect
    sql = _READ.format(head=_HEAD[dialect], between=_BETWEEN[dialect], order=_ORDER[dialect])
    rows = await database.fetch(sql, *bounds, limit)
    salts = os.urandom(SALT * len(rows))
    found = [_entry(row, salts[at : at + SALT]) for at, row in zip(range(0, len(salts), SALT), rows, strict=True)]
    return found, Cursor(*rows[-1][-3:]) if rows else end


def _entry(row: tuple[Any, ...], salt: bytes) -> Entry:
    id, at, record_id, type, entity, actor, request, text, was, details, *_ = row
    who, by = _who(actor)
    record = f"{entity}_{record_id}"
    texts = digest(salt, text, was, details)
    body = _encoder.encode(EventBody(who, at, by, entity, id, "event", record, request, texts, type))
    return Entry(id, "event", type, record, at, body, salt)


@lru_cache(1024)
def _who(stamp: str) -> tuple[str | None, str]:
    """Return who acted, and through which door; not by which name."""
    said = _stamp.decode(stamp)
    return said.id, said.type
