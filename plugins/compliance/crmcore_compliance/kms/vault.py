"""`hcvault://HOST[:PORT]/MOUNT/keys/NAME`: a key of the Transit engine of HashiCorp Vault or OpenBao; the token is in VAULT_TOKEN."""

from __future__ import annotations

import os
from base64 import b64decode, b64encode
from datetime import UTC, datetime
from functools import cached_property
from typing import Any, Final

from crmcore.errors import SetupError
from crmcore_compliance.kms.cloud import Caller, library
from crmcore_compliance.kms.service import KeyGone, KeyInfo, Wrapped

__all__ = ["VaultKms"]

_REFUSED: Final = frozenset({"Forbidden", "Unauthorized", "InvalidPath", "UnsupportedOperation"})
#: Vault answers alike to a blob that was altered and to one of a version that is trimmed; versions are asked for first.
_ALTERED: Final = frozenset({"InvalidRequest"})


class VaultKms:
    """See `crmcore_compliance.kms.Kms`. Destroying a version destroys the older ones with it (`trim`).

    Args:

        uri: see above; Tink's form.
        client: what speaks with Vault; None makes that of `hvac`.
    """

    def __init__(self, uri: str, client: Any = None) -> None:
        self.uri = uri
        host, _, path = uri.removeprefix("hcvault://").partition("/")
        self._mount, _, self._name = path.partition("/keys/")
        if not host or not self._mount or not self._name:
            msg = f"{uri!r} names no key of Vault; write hcvault://vault.example.com:8200/transit/keys/crm."
            raise SetupError("compliance-key-service", [msg])
        self._host, self._given = host, client
        self._call = Caller(
            uri, lambda error: type(error).__name__, gone=frozenset(), altered=_ALTERED, refused=_REFUSED
        )

    async def wrap(self, key: bytes, aad: bytes) -> Wrapped:
        answer = await self._call(
            lambda: self._transit.encrypt_data(
                name=self._name, plaintext=_text(key), associated_data=_text(aad), mount_point=self._mount
            )
        )
        return _wrapped(answer)

    async def unwrap(self, wrapped: Wrapped, aad: bytes) -> bytes:
        await self._refuse_gone(wrapped.version)
        answer = await self._call(
            lambda: self._transit.decrypt_data(
                name=self._name,
                ciphertext=wrapped.blob.decode(),
                associated_data=_text(aad),
                mount_point=self._mount,
            )
        )
        return b64decode(answer["data"]["plaintext"])

    async def rewrap(self, wrapped: Wrapped, aad: bytes) -> Wrapped:
        # Transit's own rewrap takes no associated data.
        return await self.wrap(await self.unwrap(wrapped, aad), aad)

    async def rotate(self) -> str:
        await self._call(lambda: self._transit.rotate_key(name=self._name, mount_point=self._mount))
        return (await self.describe()).version

    async def destroy(self, version: str) -> datetime | None:
        first = int(version) + 1

        def trim() -> None:
            self._transit.update_key_configuration(
                name=self._name, min_decryption_version=first, min_encryption_version=first, mount_point=self._mount
            )
            self._transit.trim_key(name=self._name, min_version=first, mount_point=self._mount)

        await self._call(trim)
        return None

    async def describe(self) -> KeyInfo:
        found = await self._read()
        latest = str(found["latest_version"])
        made = found.get("keys", {}).get(latest)
        created = datetime.fromtimestamp(made, UTC) if isinstance(made, int) else None
        return KeyInfo(self.uri, latest, "ENABLED", created, "It never leaves Vault.")

    async def _read(self) -> dict[str, Any]:
        answer = await self._call(lambda: self._transit.read_key(name=self._name, mount_point=self._mount))
        data: dict[str, Any] = answer["data"]
        return data

    async def _refuse_gone(self, version: str) -> None:
        if int(version) < (await self._read())["min_decryption_version"]:
            msg = f"Version {version} of {self.uri} is destroyed."
            raise KeyGone(msg)

    @cached_property
    def _transit(self) -> Any:
        if self._given is not None:
            return self._given.secrets.transit
        scheme = "http" if os.environ.get("VAULT_ADDR", "").startswith("http://") else "https"
        client = library("hvac", "vault").Client(f"{scheme}://{self._host}", token=os.environ.get("VAULT_TOKEN"))
        return client.secrets.transit


def _wrapped(answer: dict[str, Any]) -> Wrapped:
    text: str = answer["data"]["ciphertext"]  # vault:v3:…
    return Wrapped(text.encode(), text.split(":")[1].removeprefix("v"))


def _text(value: bytes) -> str:
    return b64encode(value).decode()
