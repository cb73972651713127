"""Proofs: that an entry is in the log, and that one head follows from another."""

from __future__ import annotations

import base64
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from crmcore import Database
from crmcore_compliance.audit import tree
from crmcore_compliance.audit.heads import Head, head_of, latest
from crmcore_compliance.audit.tiles import hashes_of

__all__ = ["Consistency", "Inclusion", "consistency", "inclusion"]

_ENTRY = "select number, body from compliance_audit_entry where id = $1"


@dataclass(frozen=True, slots=True)
class Inclusion:
    """An entry, a head, and what shows that the one is in the other."""

    number: int
    entry: str
    steps: tuple[bytes, ...]
    head: Head

    @property
    def told(self) -> dict[str, Any]:
        """As the offline verifier reads it."""
        return {"entry": self.entry, "number": self.number, **_told(self.steps, self.head)}


@dataclass(frozen=True, slots=True)
class Consistency:
    """Two heads, and what shows that the log of the first is the beginning of that of the second."""

    first: Head
    head: Head
    steps: tuple[bytes, ...]

    @property
    def told(self) -> dict[str, Any]:
        """As the offline verifier reads it."""
        found = _told(self.steps, self.head)
        return {**found, "first": self.first.told, "keys": sorted({self.first.public, self.head.public})}


async def inclusion(database: Database, id: UUID, size: int | None = None) -> Inclusion | None:
    """Return the proof that an entry is in the log; None if it is not, not yet, or the log had no head of that size.

    Args:

        database: where.
        id: the entry's, which is that of the event, access or note.
        size: of the head, None for the last one.
    """
    found = await database.fetch(_ENTRY, id)
    head = await (latest(database) if size is None else head_of(database, size))
    if not found or head is None or head.size <= found[0][0]:
        return None
    number, body = found[0]
    steps = await hashes_of(database, tree.inclusion(number, head.size))
    return Inclusion(number, body, tuple(steps), head)


async def consistency(database: Database, first: int, second: int | None = None) -> Consistency | None:
    """Return the proof that the log of one head is the beginning of that of another; None if there are no such heads.

    Args:

        database: where.
        first: how many entries the first head has.
        second: how many the second has, None for the last one.
    """
    old = await head_of(database, first)
    new = await (latest(database) if second is None else head_of(database, second))
    if old is None or new is None or old.size > new.size:
        return None
    steps = await hashes_of(database, tree.consistency(old.size, new.size))
    return Consistency(old, new, tuple(steps))


def _told(steps: tuple[bytes, ...], head: Head) -> dict[str, Any]:
    proof = [base64.b64encode(step).decode() for step in steps]
    return {"proof": proof, "head": head.told, "keys": [head.public]}
