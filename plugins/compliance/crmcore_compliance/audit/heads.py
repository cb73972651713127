"""Signed heads: what the log says of itself, under the plugin's key."""

from __future__ import annotations

import base64
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Any

from crmcore import Database, ids, instants
from crmcore_compliance.audit.offline import head_bytes
from crmcore_compliance.crypto.signing import Signer

__all__ = ["Head", "head_of", "heads_after", "keep_head", "latest", "signed"]

_KEEP = """
    insert into compliance_audit_head (id, size, root, at, log, previous, key, public, signature)
    values ($1, $2, $3, $4, $5, $6, $7, $8, $9)
"""
_COLUMNS = "size, root, at, log, previous, key, public, signature"


@dataclass(frozen=True, slots=True)
class Head:
    """So many entries, with this root, at this instant, signed."""

    size: int
    root: bytes
    at: datetime
    log: str
    previous: str
    key: str
    public: str
    signature: str

    @property
    def told(self) -> dict[str, Any]:
        """As a JSON object: what is signed, and the signature."""
        return {
            "at": instants.wire(self.at),
            "key": self.key,
            "log": self.log,
            "previous": self.previous,
            "root": base64.b64encode(self.root).decode(),
            "signature": self.signature,
            "size": self.size,
        }

    @property
    def digest(self) -> str:
        """What the next head calls `previous`."""
        return sha256(head_bytes(self.told)).hexdigest()


def signed(signer: Signer, log: str, size: int, root: bytes, at: datetime, previous: str) -> Head:
    """Return a head under a signature."""
    key, public = sha256(signer.public).hexdigest()[:32], base64.b64encode(signer.public).decode()
    said = Head(size, root, at, log, previous, key, public, "")
    signature = base64.b64encode(signer.sign(head_bytes(said.told))).decode()
    return Head(size, root, at, log, previous, key, public, signature)


async def keep_head(database: Database, head: Head) -> None:
    """Write a head."""
    root = base64.b64encode(head.root).decode()
    rest = head.at, head.log, head.previous, head.key, head.public, head.signature
    await database.execute(_KEEP, ids.new(), head.size, root, *rest)


async def latest(database: Database) -> Head | None:
    """Return the last head, None before the first."""
    return _read(await database.fetch(f"select {_COLUMNS} from compliance_audit_head order by size desc limit 1"))


async def head_of(database: Database, size: int) -> Head | None:
    """Return the head of a size, None if there is none."""
    return _read(await database.fetch(f"select {_COLUMNS} from compliance_audit_head where size = $1", size))


async def heads_after(database: Database, size: int, limit: int) -> list[Head]:
    """Return heads of more than `size` entries, the smallest first."""
    sql = f"select {_COLUMNS} from compliance_audit_head where size > $1 order by size limit $2"
    return [_head(row) for row in await database.fetch(sql, size, limit)]


def _read(rows: list[tuple[Any, ...]]) -> Head | None:
    return _head(rows[0]) if rows else None


def _head(row: tuple[Any, ...]) -> Head:
    size, root, *rest = row
    return Head(size, base64.b64decode(root), *rest)
