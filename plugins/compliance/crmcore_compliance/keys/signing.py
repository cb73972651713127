"""The keys that sign: private halves like other keys, public halves for everybody."""

from __future__ import annotations

from base64 import b64encode
from dataclasses import dataclass
from datetime import datetime

from crmcore import Database, instants
from crmcore_compliance.crypto.signing import Signer
from crmcore_compliance.keys.owners import SIGNING

__all__ = ["PublicKey", "public_keys", "public_of"]


@dataclass(frozen=True, slots=True)
class PublicKey:
    """What verifies signatures.

    Attributes:

        id: of the key.
        public: the 32 bytes of Ed25519, base64.
        since: when it began to sign.
        until: when another one took over, None for the current one.
    """

    id: int
    public: str
    since: datetime
    until: datetime | None


def public_of(id: int, seed: bytes) -> str:
    """Return the public half of a private key, base64."""
    return b64encode(Signer(id, seed).public).decode()


async def public_keys(db: Database) -> list[PublicKey]:
    """Return the public halves, the oldest first."""
    asked = "select id, public, created_at, deactivated_at from keystore_key where owner = $1 order by created_at, id"
    return [
        PublicKey(id, public, instants.parse(since), None if until is None else instants.parse(until))
        for id, public, since, until in await db.fetch(asked, SIGNING)
    ]
