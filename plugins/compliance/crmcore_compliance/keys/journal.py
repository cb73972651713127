"""What is left of destroyed keys: tombstones that name nobody, in the order of the erasures."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from crmcore import Database, instants

__all__ = ["Tombstone", "read", "tombstones_of"]

_COLUMNS: Final = "position, subject, request_id, destroyed_at, keys"
_PAGE: Final = 1000


@dataclass(frozen=True, slots=True)
class Tombstone:
    """One erasure.

    Attributes:

        position: 1, 2, 3 … in the keystore.
        subject: pseudonym of the person, as `Keyring.pseudonym` gives it for their id.
        request_id: the request that demanded it.
        destroyed_at: when.
        keys: the ids of the keys that were destroyed.
    """

    position: int
    subject: str
    request_id: str | None
    destroyed_at: datetime
    keys: tuple[int, ...]


async def read(db: Database, after: int = 0) -> AsyncIterator[Tombstone]:
    """Give the erasures after a position."""
    asked = f"select {_COLUMNS} from keystore_tombstone where position > $1 order by position limit {_PAGE}"
    while rows := await db.fetch(asked, after):
        for row in rows:
            yield _tombstone(row)
        after = rows[-1][0]


async def tombstones_of(db: Database, pseudonyms: Sequence[str], members: str) -> dict[str, Tombstone]:
    """Return the erasures of some people, by pseudonym."""
    asked = f"select {_COLUMNS} from keystore_tombstone where subject in ({members})"
    return {row[1]: _tombstone(row) for row in await db.fetch(asked, list(pseudonyms))}


def _tombstone(row: tuple[Any, ...]) -> Tombstone:
    position, subject, request_id, at, keys = row
    return Tombstone(position, subject, request_id, instants.parse(at), tuple(json.loads(keys)))
