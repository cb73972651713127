"""`env://NAME`: a key of 32 bytes, base64, in an environment variable; for containers whose platform keeps secrets."""

from __future__ import annotations

import os
from base64 import b64decode
from binascii import Error
from datetime import datetime

from crmcore.errors import SetupError
from crmcore_compliance.crypto.derivation import check_value
from crmcore_compliance.crypto.suites import KEY_SIZE
from crmcore_compliance.kms.sealing import unwrapped, wrapped
from crmcore_compliance.kms.service import KeyGone, KeyInfo, KeysStay, Wrapped

__all__ = ["EnvKms", "key_in_environment"]


def key_in_environment(name: str) -> bytes:
    """Return the key that a variable holds.

    Raises:

        SetupError: there is no such variable, or it holds no key.
    """
    try:
        key = b64decode(os.environ.get(name, ""), validate=True)
    except Error:
        key = b""
    if len(key) != KEY_SIZE:
        msg = (
            f"The key service env://{name} needs the environment variable {name} with {KEY_SIZE} random bytes in base64; "
            f"make them with `openssl rand -base64 {KEY_SIZE}` and keep a copy where no backup of the data is."
        )
        raise SetupError("compliance-key-service", [msg])
    return key


class EnvKms:
    """See `crmcore_compliance.kms.Kms`. A version's name is the check value of its key; there is one at a time."""

    def __init__(self, uri: str) -> None:
        self.uri = uri
        self._name = uri.removeprefix("env://")

    async def wrap(self, key: bytes, aad: bytes) -> Wrapped:
        mine = key_in_environment(self._name)
        return Wrapped(wrapped(mine, key, aad), check_value(mine).hex())

    async def unwrap(self, wrapped: Wrapped, aad: bytes) -> bytes:
        mine = key_in_environment(self._name)
        if check_value(mine).hex() != wrapped.version:
            msg = f"{self.uri} holds another key now than the one that wrapped this; put the former one back."
            raise KeyGone(msg)
        return unwrapped(mine, wrapped.blob, aad)

    async def rewrap(self, wrapped: Wrapped, aad: bytes) -> Wrapped:
        return await self.wrap(await self.unwrap(wrapped, aad), aad)

    async def rotate(self) -> str:
        return (await self.describe()).version

    async def destroy(self, version: str) -> datetime | None:
        msg = f"{self.uri} is a variable of the environment: delete the key {version} wherever it is kept."
        raise KeysStay(msg)

    async def describe(self) -> KeyInfo:
        version = check_value(key_in_environment(self._name)).hex()
        return KeyInfo(self.uri, version, "ENABLED", None, "Whoever reads the environment of the process has the key.")
