"""What becomes an entry: changes of records, accesses to sensitive data, notes."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import msgspec

from crmcore import Database, clock, ids, instants
from crmcore_compliance.audit.canonical import AccessBody, canonical, digest

__all__ = ["SALT", "Entry", "Waiting", "note", "waiting"]

#: Bytes of a salt.
SALT = 16
_NOTES = "select id, type, at, body from compliance_audit_note where number is null order by id limit $1"
_ACCESSES = """
    select id, at, actor_kind, actor_id, entity, field, records, outcome, purpose, reason, request_id
    from compliance_access where number is null order by id limit $1
"""
_SUBJECTS = """
    select s.access_id, s.subject_id, s.record_id
    from compliance_access_subject s join compliance_access a on a.id = s.access_id
    where a.number is null and a.id <= $1 order by s.id
"""
_NOTE = "insert into compliance_audit_note (id, type, at, body) values ($1, $2, $3, $4)"
_KEEP_SALT = "insert into compliance_audit_salt (id, salt) values ($1, $2)"
_encoder = msgspec.json.Encoder()


@dataclass(frozen=True, slots=True)
class Entry:
    """An entry that is about to get its number.

    Attributes:

        id: of what it tells of.
        kind: event, access or note.
        type: what happened.
        record: which record it is about.
        at: when, as everywhere in texts.
        body: what is signed.
        salt: that of the digest in it, None where there is none or it is kept already.
    """

    id: str
    kind: str
    type: str
    record: str | None
    at: str
    body: bytes
    salt: bytes | None


@dataclass(frozen=True, slots=True)
class Waiting:
    """Rows of the plugin that are to become entries, and the tables they are marked in afterwards."""

    notes: Sequence[Entry]
    accesses: Sequence[Entry]


async def note(database: Database, type: str, facts: dict[str, Any], secret: str | None = None) -> UUID:
    """Have the log tell something; in a transaction it belongs to it.

    Args:

        database: where.
        type: what it is, as in `keys.rotated`.
        facts: nothing personal; texts, whole numbers, truth values, lists and objects of those, with ASCII keys.
        secret: a text of which the log keeps a salted digest only.

    Returns:

        The entry's id.

    Raises:

        TypeError: the facts have something else.
    """
    id, at = ids.new(), clock.now()
    salt = None if secret is None else os.urandom(SALT)
    texts = None if salt is None else digest(salt, secret)
    body = {
        "at": instants.wire(at),
        "facts": facts,
        "id": str(id),
        "kind": "note",
        "texts": texts,
        "type": type,
        "v": 1,
    }
    await database.execute(_NOTE, id, type, at, canonical(body).decode())
    if salt is not None:
        await database.execute(_KEEP_SALT, id, salt.hex())
    return id


async def waiting(database: Database, limit: int) -> Waiting:
    """Return notes and accesses that have no number yet."""
    notes = [
        Entry(str(id), "note", type, None, instants.wire(at), body.encode(), None)
        for id, type, at, body in await database.fetch(_NOTES, limit)
    ]
    rows = await database.fetch(_ACCESSES, limit)
    subjects: dict[UUID, list[str]] = {row[0]: [] for row in rows}
    for access, subject, record in await database.fetch(_SUBJECTS, rows[-1][0]) if rows else ():
        subjects[access].append(f"{subject or '-'} {record}")
    return Waiting(notes, [_of_access(row, subjects[row[0]]) for row in rows])


def _of_access(row: tuple[Any, ...], subjects: Sequence[str]) -> Entry:
    id, at, by, actor, entity, field, records, outcome, purpose, reason, request = row
    salt = os.urandom(SALT)
    texts = digest(salt, reason, ",".join(subjects))
    type = f"{entity}.{field}.{outcome.lower()}"
    body = AccessBody(
        actor,
        instants.wire(at),
        by,
        entity,
        field,
        str(id),
        "access",
        outcome,
        purpose,
        records,
        request,
        texts,
        type,
    )
    return Entry(body.id, "access", type, None, body.at, _encoder.encode(body), salt)
