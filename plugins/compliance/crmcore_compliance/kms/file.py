"""`file://PATH`: a keyring in a file, sealed by a passphrase (Argon2id) or by a key in the environment (`?key=env://NAME`)."""

from __future__ import annotations

import asyncio
from base64 import b64decode
from datetime import datetime
from os import urandom
from pathlib import Path
from typing import Final

from crmcore import clock
from crmcore.errors import SetupError
from crmcore_compliance.crypto.aad import joined
from crmcore_compliance.crypto.derivation import Cost, from_passphrase
from crmcore_compliance.crypto.suites import KEY_SIZE
from crmcore_compliance.kms.env import key_in_environment
from crmcore_compliance.kms.keyring_file import Entry, KeyringFile, text
from crmcore_compliance.kms.sealing import unwrapped, wrapped
from crmcore_compliance.kms.service import KeyGone, KeyInfo, Wrapped

__all__ = ["FileKms"]

_ARGON2ID: Final = "argon2id"
_ENVIRONMENT: Final = "env://"
_SALT: Final = 16


class FileKms:
    """See `crmcore_compliance.kms.Kms`. The file is read at each call, since other processes add and destroy versions."""

    def __init__(self, uri: str, passphrase: str, cost: Cost | None = None) -> None:
        self.uri, self._passphrase = uri, passphrase
        path, _, key = uri.removeprefix("file://").partition("?key=")
        self._file, self._key, self._cost = KeyringFile(Path(path)), key, cost or Cost()

    async def wrap(self, key: bytes, aad: bytes) -> Wrapped:
        return await asyncio.to_thread(self._wrap, key, aad)

    async def unwrap(self, wrapped: Wrapped, aad: bytes) -> bytes:
        return await asyncio.to_thread(self._unwrap, wrapped, aad)

    async def rewrap(self, wrapped: Wrapped, aad: bytes) -> Wrapped:
        return await self.wrap(await self.unwrap(wrapped, aad), aad)

    async def rotate(self) -> str:
        return await asyncio.to_thread(self._add)

    async def destroy(self, version: str) -> datetime | None:
        def erase() -> None:
            with self._file.changing() as entries:
                _entry(entries, version).destroy()

        await asyncio.to_thread(erase)
        return None

    async def describe(self) -> KeyInfo:
        entries = await asyncio.to_thread(self._file.read)
        protection = self._protection()
        newest = next((each for each in reversed(entries) if each.state == "ENABLED"), None)
        if newest is None:
            return KeyInfo(self.uri, "", "PENDING", None, protection)
        return KeyInfo(self.uri, newest.version, newest.state, newest.created, newest.protection)

    def _wrap(self, key: bytes, aad: bytes) -> Wrapped:
        newest = next((each for each in reversed(self._file.read()) if each.state == "ENABLED"), None)
        if newest is None:
            self._add()
            return self._wrap(key, aad)
        return Wrapped(wrapped(self._open(newest), key, aad), newest.version)

    def _unwrap(self, what: Wrapped, aad: bytes) -> bytes:
        return unwrapped(self._open(_entry(self._file.read(), what.version)), what.blob, aad)

    def _add(self) -> str:
        protection = self._protection()
        with self._file.changing() as entries:
            version = str(len(entries) + 1)
            entry = Entry(version, clock.now(), protection, "")
            if protection == _ARGON2ID:
                cost = self._cost
                entry.salt = text(urandom(_SALT))
                entry.memory, entry.passes, entry.lanes = cost.memory, cost.passes, cost.lanes
            entry.sealed = text(wrapped(self._guard(entry), urandom(KEY_SIZE), _bound(entry)))
            entries.append(entry)
        return version

    def _open(self, entry: Entry) -> bytes:
        if entry.state == "DESTROYED":
            msg = f"Version {entry.version} of {self.uri} was destroyed at {entry.destroyed}."
            raise KeyGone(msg)
        return unwrapped(self._guard(entry), entry.blob, _bound(entry))

    def _protection(self) -> str:
        """Say what seals new versions."""
        if self._key:
            key_in_environment(self._key.removeprefix(_ENVIRONMENT))
            return self._key
        self._demand_passphrase()
        return _ARGON2ID

    def _guard(self, entry: Entry) -> bytes:
        """Return the key that seals a version."""
        if entry.protection.startswith(_ENVIRONMENT):
            return key_in_environment(entry.protection.removeprefix(_ENVIRONMENT))
        self._demand_passphrase()
        cost = Cost(entry.memory, entry.passes, entry.lanes)
        return from_passphrase(self._passphrase, b64decode(entry.salt), cost)

    def _demand_passphrase(self) -> None:
        if not self._passphrase:
            msg = (
                "The keyring file needs a passphrase: set the environment variable CRM_COMPLIANCE_PASSPHRASE, or add "
                "?key=env://NAME to the setting kms of the plugin compliance to have it sealed by a key in the "
                "environment, or name another key service there."
            )
            raise SetupError("compliance-key-service", [msg])


def _bound(entry: Entry) -> bytes:
    return joined(b"crm-keyring-1", entry.version.encode())


def _entry(entries: list[Entry], version: str) -> Entry:
    for each in entries:
        if each.version == version:
            return each
    msg = f"The keyring has no version {version}; it is not the one this keystore was made with."
    raise SetupError("compliance-key-service", [msg])
