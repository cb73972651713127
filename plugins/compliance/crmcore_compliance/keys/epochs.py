"""Epoch keys: each wraps the data keys of about a month and is wrapped by the key service, whose key version dies with it."""

from __future__ import annotations

from base64 import b64decode, b64encode
from contextlib import suppress
from datetime import timedelta
from os import urandom
from time import monotonic
from typing import Any, Final

from crmcore import Database, UniqueViolation, clock, instants
from crmcore_compliance.crypto.aad import joined
from crmcore_compliance.crypto.errors import Unreadable
from crmcore_compliance.crypto.suites import KEY_SIZE
from crmcore_compliance.keys.epoch import Epoch
from crmcore_compliance.keys.keystore import Keystore
from crmcore_compliance.keys.states import KeyState
from crmcore_compliance.kms import KeyGone, KeyServiceDown, Kms, Wrapped, kms_of
from crmcore_compliance.kms.guarded import Guarded

__all__ = ["LIMIT", "Epochs"]

#: So many times a key may be used with random nonces: half of what SP 800-38D allows.
LIMIT: Final = 2**31
#: Seconds after which the key service is asked again for an epoch key, and seconds for which one may be used while it is down.
_FRESH, _GRACE = 3600.0, 86400.0


class Epochs:
    """The epoch keys of a keystore.

    Args:

        keystore: where they are.
        tenant: whose they are.
        uri: the key service that wraps new ones.
        passphrase: of a keyring in a file.
        kept: how long a former one stays before it is destroyed.
    """

    def __init__(self, keystore: Keystore, tenant: str, uri: str, passphrase: str, kept: timedelta) -> None:
        self._keystore, self._tenant, self._uri, self._kept = keystore, tenant, uri, kept
        self._passphrase = passphrase
        self._loaded: dict[int, Epoch] = {}
        self._services: dict[str, Kms] = {}

    def service(self, uri: str | None = None) -> Kms:
        """Return a key service, None for the one of the settings."""
        uri = uri or self._uri
        if uri not in self._services:
            self._services[uri] = Guarded(kms_of(uri, self._passphrase))
        return self._services[uri]

    async def is_none(self) -> bool:
        """Say whether no epoch was ever made."""
        db = await self._keystore.ready()
        return await db.fetch_value("select 1 from keystore_epoch limit 1") is None

    async def active(self) -> Epoch:
        """Return the epoch that wraps now; the first one is made when it is wanted."""
        db = await self._keystore.ready()
        id = await db.fetch_value("select id from keystore_epoch where state = 'ACTIVE'")
        return await self.load(id) if id is not None else await self._first(db)

    async def load(self, id: int) -> Epoch:
        """Return an epoch key, from the key service where memory does not have it.

        Raises:

            KeyServiceDown: the service is needed and does not answer.
            Unreadable: it is destroyed.
        """
        held = self._loaded.get(id)
        if held is not None and monotonic() - held.loaded < _FRESH:
            return held
        try:
            self._loaded[id] = Epoch(id, self._tenant, await self._unwrapped(id), monotonic())
        except KeyServiceDown:
            if held is None or monotonic() - held.loaded > _GRACE:
                raise
            return held
        return self._loaded[id]

    def forget(self, id: int) -> None:
        """Drop an epoch key from memory."""
        self._loaded.pop(id, None)

    async def take(self, db: Database, epoch: Epoch, wraps: int) -> bool:
        """Count uses of an epoch key, in the transaction that writes what it wrapped; False if it may not wrap so many."""
        counted = """
            update keystore_epoch set wraps = wraps + $2 where id = $1 and state = 'ACTIVE' and wraps + $2 <= $3
        """
        return await db.execute(counted, epoch.id, wraps, LIMIT) == 1

    async def begin(self) -> int:
        """Begin an epoch under a new version of the key service's key; return its number. The former one only opens from now on."""
        db = await self._keystore.ready()
        service = self.service()
        await service.rotate()

        async def attempt() -> int:
            async with db.transaction():
                id = 1 + (await db.fetch_value("select max(id) from keystore_epoch") or 0)
                now = clock.now()
                ended = """
                    update keystore_epoch set state = 'DEACTIVATED', deactivated_at = $1, destroy_after = $2
                    where state = 'ACTIVE'
                """
                await db.execute(ended, instants.wire(now), instants.wire(now + self._kept))
                await self._insert(db, id, service)
                return id

        return await db.retrying(attempt)

    async def rewrap(self) -> int:
        """Have the key service wrap all epochs with its newest version; return how many it wrapped anew."""
        db, service, done = await self._keystore.ready(), self.service(), 0
        asked = "select id, kms, version, wrapped from keystore_epoch where state <> 'DESTROYED' order by id"
        for id, kms, version, text in await db.fetch(asked):
            former = Wrapped(b64decode(text), version)
            if kms == service.uri:
                fresh = await service.rewrap(former, self._bound(id))
            else:
                fresh = await service.wrap(await self.service(kms).unwrap(former, self._bound(id)), self._bound(id))
            change = "update keystore_epoch set kms = $2, version = $3, wrapped = $4 where id = $1 and wrapped = $5"
            done += await db.execute(change, id, service.uri, fresh.version, b64encode(fresh.blob).decode(), text)
        return done

    async def _first(self, db: Database) -> Epoch:
        service = self.service()
        with suppress(UniqueViolation):  # another process was first
            await self._insert(db, 1, service)
        return await self.active()

    async def _insert(self, db: Database, id: int, service: Kms) -> None:
        secret = urandom(KEY_SIZE)
        wrapped = await service.wrap(secret, self._bound(id))
        put = """
            insert into keystore_epoch (id, kms, version, wrapped, state, created_at) values ($1, $2, $3, $4, 'ACTIVE', $5)
        """
        blob = b64encode(wrapped.blob).decode()
        await db.execute(put, id, service.uri, wrapped.version, blob, instants.wire(clock.now()))

    async def _unwrapped(self, id: int) -> bytes:
        db = await self._keystore.ready()
        asked = "select kms, version, wrapped, state from keystore_epoch where id = $1"
        found: list[tuple[Any, ...]] = await db.fetch(asked, id)
        if not found or found[0][3] == KeyState.DESTROYED:
            cause = f"epoch {id} is destroyed or was never made."
            raise Unreadable.because(cause)
        uri, version, blob, _ = found[0]
        try:
            return await self.service(uri).unwrap(Wrapped(b64decode(blob), version), self._bound(id))
        except KeyGone as gone:
            raise Unreadable.because(str(gone)) from None

    def _bound(self, id: int) -> bytes:
        return joined(b"ek", self._tenant.encode(), id.to_bytes(4, "big"))
