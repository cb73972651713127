"""The keys that belong to no subject: what look-ups and pseudonyms are made with, and what signs."""

from __future__ import annotations

from hmac import digest
from time import monotonic
from typing import Final
from uuid import UUID

from crmcore.errors import SetupError
from crmcore_compliance.crypto.aad import joined
from crmcore_compliance.crypto.derivation import derive
from crmcore_compliance.crypto.signing import Signer
from crmcore_compliance.keys.cache import LIFE
from crmcore_compliance.keys.creating import Creating, Public
from crmcore_compliance.keys.fetching import Fetching
from crmcore_compliance.keys.keystore import Keystore
from crmcore_compliance.keys.owners import INDEX, SIGNING
from crmcore_compliance.keys.signing import public_of

__all__ = ["Secrets"]

_HMAC: Final = "HMAC_SHA256"
_SIGNS: Final = "ED25519"


class Secrets:
    """Keys in memory; each is made when it is first wanted.

    Args:

        keystore: where they are.
        fetching: reads them.
        creating: makes them.
        tenant: whose they are.
    """

    def __init__(self, keystore: Keystore, fetching: Fetching, creating: Creating, tenant: str) -> None:
        self._keystore, self._fetching, self._creating = keystore, fetching, creating
        self._tenant = tenant.encode()
        self._root: bytes | None = None
        self._names: bytes | None = None
        self._signer: tuple[float, Signer] | None = None

    def forget(self, *, signer_only: bool = False) -> None:
        """Drop them from memory."""
        self._signer = None
        if not signer_only:
            self._root = self._names = None

    async def pseudonym(self, subject: UUID) -> str:
        """See `Keyring.pseudonym`."""
        if self._names is None:
            self._names = derive(await self.root(), self._tenant, joined(b"pseudonym"))
        return digest(self._names, subject.bytes, "sha256").hex()

    async def index_key(self, field: str, name: str, version: int) -> bytes:
        """See `Keyring.index_key`."""
        info = joined(b"bidx", field.encode(), name.encode(), version.to_bytes(4, "big"))
        return derive(await self.root(), self._tenant, info)

    async def signer(self) -> Signer:
        """See `Keyring.signing_key`."""
        if self._signer is None or monotonic() - self._signer[0] > LIFE:
            id, seed = await self._secret(SIGNING, _SIGNS, public_of)
            self._signer = monotonic(), Signer(id, seed)
        return self._signer[1]

    async def root(self) -> bytes:
        """Return what the keys of indexes and pseudonyms are derived from."""
        if self._root is None:
            self._root = (await self._secret(INDEX, _HMAC))[1]
        return self._root

    async def _secret(self, owner: str, suite: str, public: Public | None = None) -> tuple[int, bytes]:
        found = await self._fetching.secret(owner)
        if found is None:
            await self._creating.create([owner], suite, {}, public)
            found = await self._fetching.secret(owner)
        if found is None:
            msg = f"The keystore {self._keystore.shown} lost a key that was just made in it."
            raise SetupError("compliance-keystore", [msg])
        return found
