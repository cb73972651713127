"""The keys of one CRM: whose data is sealed with what, and whose can never be read again."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from datetime import timedelta
from typing import Final
from uuid import UUID

from crmcore_compliance.crypto.signing import Signer
from crmcore_compliance.keys import destroying, journal, news
from crmcore_compliance.keys.cache import Cache
from crmcore_compliance.keys.creating import Creating
from crmcore_compliance.keys.epochs import Epochs
from crmcore_compliance.keys.fetching import BLOCK, Fetching
from crmcore_compliance.keys.inventory import Inventory, take_stock
from crmcore_compliance.keys.journal import Tombstone
from crmcore_compliance.keys.key import Key
from crmcore_compliance.keys.keystore import Keystore
from crmcore_compliance.keys.opened import Opened
from crmcore_compliance.keys.owners import SIGNING, TENANT, owner_of
from crmcore_compliance.keys.rotating import Rotating
from crmcore_compliance.keys.secrets import Secrets
from crmcore_compliance.keys.signing import PublicKey, public_keys
from crmcore_compliance.settings import ComplianceSettings

__all__ = ["Keyring"]

#: Suite of the key for data of nobody in particular, which sees more values than any subject's (RFC 8452).
_TENANT_SUITE: Final = "AES256_GCM_SIV"


class Keyring:
    """The keys. Nothing is opened, and nothing made, before a key is wanted or there are keys already.

    Args:

        settings: the plugin's.

    Attributes:

        keystore: where the keys are.
        epochs: the keys that wrap the others.
        rotating: what changes keys, and what wraps them.
        opened: what was opened lately; ask `look` before it counts.
        cached: returns a key by its id if it is in memory and surely not destroyed; else ask `keys`.
    """

    def __init__(self, settings: ComplianceSettings) -> None:
        self.tenant, self._suite = settings.tenant, settings.suite
        self.keystore = Keystore(settings.keystore, settings.tenant)
        kept = timedelta(days=settings.epoch_kept_days)
        self.epochs = Epochs(self.keystore, settings.tenant, settings.kms, settings.passphrase, kept)
        self._fetching = Fetching(self.keystore, self.epochs)
        self._creating = Creating(self.keystore, self.epochs)
        self.opened = Opened(settings.opened)
        self._cache = Cache(self.opened)
        self.cached = self._cache.surely
        self._secrets = Secrets(self.keystore, self._fetching, self._creating, settings.tenant)
        self._is_new = True
        self.rotating = Rotating(self.keystore, self.epochs, self._cache)

    @classmethod
    async def open(cls, settings: ComplianceSettings) -> Keyring:
        """Return the keyring of settings; the keystore is opened if there is one, the key service not yet asked.

        Raises:

            SetupError: the keystore cannot be used.
        """
        keyring = cls(settings)
        if keyring.keystore.exists:
            await keyring.ready()
        return keyring

    async def close(self) -> None:
        """Forget all keys and close the keystore."""
        self._cache.clear()
        self._secrets.forget()
        await self.keystore.close()

    async def ready(self) -> None:
        """Open the keystore; it is made if there is none."""
        await self.keystore.ready()
        if self._is_new:
            self._is_new = await self.epochs.is_none()

    @property
    def is_new(self) -> bool:
        """Whether no key was made yet; sealed data beside such a keyring means that the keystore was lost or not restored."""
        return self._is_new

    async def begin(self) -> None:
        """Make the first epoch, the secret of the indexes and the key that signs, where they are not there yet.

        Raises:

            SetupError: the key service or the keystore cannot be used.
        """
        await self.signing_key()
        await self._secrets.root()

    async def subject_key(self, subject: UUID | None, create: bool = True) -> Key:
        """Return the key with which values of a subject are sealed now.

        Args:

            subject: None is for data of nobody in particular.
            create: whether to make one where there is none.

        Raises:

            Invalid: `SUBJECT_ERASED`: the subject's data was erased.
            LookupError: there is none, and none shall be made.
        """
        keys = await self.subject_keys([subject], create=create)
        if subject not in keys:
            msg = f"There is no key of the subject {subject}."
            raise LookupError(msg)
        return keys[subject]

    async def subject_keys(self, subjects: Iterable[UUID | None], create: bool = True) -> Mapping[UUID | None, Key]:
        """Return the keys with which values of some subjects are sealed now, with one statement if all have one.

        Those that are missing are made, or left out; for the rest see `subject_key`.
        """
        await self.look()
        wanted = dict.fromkeys(subjects)
        found = {subject: key for subject in wanted if (key := self._cache.current(subject)) is not None}
        if missing := [subject for subject in wanted if subject not in found]:
            found.update(await self._fetched(missing))
            if create and (missing := [subject for subject in missing if subject not in found]):
                await self._create(missing)
                found.update(await self._fetched(missing))
        if None in found and found[None].left < BLOCK:
            found[None] = await self._refilled(found[None])
        return found

    async def key(self, key_id: int) -> Key | None:
        """Return a key, None if it is destroyed.

        Raises:

            LookupError: there never was one with this id here.
        """
        return (await self.keys([key_id]))[key_id]

    async def keys(self, key_ids: Iterable[int]) -> Mapping[int, Key | None]:
        """Return keys by id with one statement: None for destroyed ones; those that never were are left out."""
        await self.look()
        wanted = dict.fromkeys(key_ids)
        found: dict[int, Key | None] = {id: key for id in wanted if (key := self._cache.get(id)) is not None}
        if missing := [id for id in wanted if id not in found]:
            fetched = await self._fetching.by_id(missing)
            found.update({id: None if key is None else self._cache.put(key) for id, key in fetched.items()})
        return found

    def until(self, key_id: int) -> float | None:
        """Return until when, by the clock of `monotonic`, a key stays in memory; None if it is not there."""
        return self._cache.until(key_id)

    async def destroy(self, subject: UUID, request_id: str | None = None) -> Tombstone:
        """Destroy all keys of a subject; what is sealed with them is lost everywhere, in every backup too. Once and for all.

        `request_id` is what demanded it.
        """
        pseudonym = await self.pseudonym(subject)
        tombstone = await destroying.destroy(self.keystore, owner_of(subject), pseudonym, request_id)
        self._cache.heard((id, tombstone.position) for id in tombstone.keys)
        return tombstone

    async def destroyed(self, subject: UUID) -> Tombstone | None:
        """Return the tombstone of a subject whose keys were destroyed, None for others."""
        return (await self.destroyed_of([subject])).get(subject)

    async def destroyed_of(self, subjects: Iterable[UUID]) -> Mapping[UUID, Tombstone]:
        """Return the tombstones of those among some subjects whose keys were destroyed."""
        if not self.keystore.exists:
            return {}
        await self.ready()
        if self._is_new:
            return {}
        names = {await self.pseudonym(subject): subject for subject in subjects}
        found = await journal.tombstones_of(self.keystore.database, list(names), self.keystore.members("$1"))
        return {names[name]: tombstone for name, tombstone in found.items()}

    async def retire(self, key_ids: Sequence[int]) -> list[int]:
        """Destroy former keys that seal nothing any more; return which were: current ones, and those of a minute ago, stay."""
        gone = await destroying.retire(self.keystore, key_ids)
        for id in gone:
            self._cache.drop(id)
        return gone

    async def journal(self, after: int = 0) -> AsyncIterator[Tombstone]:
        """Give all erasures after a position, in order: what a restored backup has to be told again."""
        if self.keystore.exists:
            await self.ready()
            async for tombstone in journal.read(self.keystore.database, after):
                yield tombstone

    async def pseudonym(self, subject: UUID) -> str:
        """Return what tombstones call a subject: HMAC-SHA256 under a key of this keystore, hexadecimal."""
        await self.ready()
        return await self._secrets.pseudonym(subject)

    async def index_key(self, field: str, name: str, version: int) -> bytes:
        """Return the key of one version of one blind index of one field."""
        await self.ready()
        return await self._secrets.index_key(field, name, version)

    async def signing_key(self) -> Signer:
        """Return the key that signs now; its public half is among `public_keys`."""
        await self.ready()
        return await self._secrets.signer()

    async def rotate_signing_key(self) -> Signer:
        """Have another key sign from now on, within minutes everywhere; what the former ones signed stays verifiable."""
        await self.rotating.owner(SIGNING)
        self._secrets.forget(signer_only=True)
        return await self.signing_key()

    async def public_keys(self) -> list[PublicKey]:
        """Return the public halves of all keys that ever signed, the oldest first."""
        await self.ready()
        return await public_keys(self.keystore.database)

    async def inventory(self) -> Inventory:
        """Return which keys there are: suites, states, ages, counts (ASVS 11.1.2); nothing is made for that."""
        if self.keystore.exists:
            await self.ready()
        return await take_stock(self.keystore, self.tenant)

    async def look(self) -> None:
        """Hear which keys were destroyed meanwhile, elsewhere too, if nobody did within the last second."""
        await self.ready()
        if self._cache.stale:
            self._cache.heard(await news.since(self.keystore.database, self._cache.position))

    async def _fetched(self, subjects: list[UUID | None]) -> dict[UUID | None, Key]:
        return {key.subject: self._cache.put(key) for key in await self._fetching.current(subjects)}

    async def _create(self, subjects: list[UUID | None]) -> None:
        people = [subject for subject in subjects if subject is not None]
        if people:
            erased = {owner_of(each): await self.pseudonym(each) for each in people}
            await self._creating.create([owner_of(each) for each in people], self._suite, erased)
        if None in subjects:
            await self._creating.create([TENANT], _TENANT_SUITE, {})
        self._is_new = False

    async def _refilled(self, key: Key) -> Key:
        if await self._fetching.more(key):
            return key
        await self.rotating.subject(None)
        await self._fetched([None])
        return await self.subject_key(None)
