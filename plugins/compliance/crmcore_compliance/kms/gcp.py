"""`gcp-kms://projects/P/locations/L/keyRings/R/cryptoKeys/K`: a symmetric key of Google Cloud KMS."""

from __future__ import annotations

from datetime import datetime
from functools import cached_property
from typing import Any, Final

from crmcore_compliance.kms.cloud import Caller, library
from crmcore_compliance.kms.service import KeyInfo, Wrapped

__all__ = ["GcpKms"]

_GONE: Final = frozenset({"FailedPrecondition"})
_ALTERED: Final = frozenset({"InvalidArgument"})
_REFUSED: Final = frozenset({"PermissionDenied", "NotFound", "Unauthenticated", "DefaultCredentialsError"})


class GcpKms:
    """See `crmcore_compliance.kms.Kms`.

    Args:

        uri: see above.
        client: what speaks with Google; None makes that of `google-cloud-kms`.
    """

    def __init__(self, uri: str, client: Any = None) -> None:
        self.uri = uri
        self._key = uri.removeprefix("gcp-kms://")
        self._given = client
        self._call = Caller(uri, lambda error: type(error).__name__, gone=_GONE, altered=_ALTERED, refused=_REFUSED)

    async def wrap(self, key: bytes, aad: bytes) -> Wrapped:
        asked = {"name": self._key, "plaintext": key, "additional_authenticated_data": aad}
        answer = await self._call(lambda: self._client.encrypt(request=asked))
        return Wrapped(answer.ciphertext, answer.name)

    async def unwrap(self, wrapped: Wrapped, aad: bytes) -> bytes:
        asked = {"name": self._key, "ciphertext": wrapped.blob, "additional_authenticated_data": aad}
        answer = await self._call(lambda: self._client.decrypt(request=asked))
        key: bytes = answer.plaintext
        return key

    async def rewrap(self, wrapped: Wrapped, aad: bytes) -> Wrapped:
        return await self.wrap(await self.unwrap(wrapped, aad), aad)

    async def rotate(self) -> str:
        made = await self._call(
            lambda: self._client.create_crypto_key_version(request={"parent": self._key, "crypto_key_version": {}})
        )
        name: str = made.name
        asked = {"name": self._key, "crypto_key_version_id": name.rpartition("/")[2]}
        await self._call(lambda: self._client.update_crypto_key_primary_version(request=asked))
        return name

    async def destroy(self, version: str) -> datetime | None:
        answer = await self._call(lambda: self._client.destroy_crypto_key_version(request={"name": version}))
        at: datetime | None = answer.destroy_time
        return at

    async def describe(self) -> KeyInfo:
        found = (await self._call(lambda: self._client.get_crypto_key(request={"name": self._key}))).primary
        protection = f"It never leaves Google Cloud KMS ({found.protection_level.name})."
        return KeyInfo(self.uri, found.name, found.state.name, found.create_time, protection)

    @cached_property
    def _client(self) -> Any:
        if self._given is not None:
            return self._given
        return library("google.cloud.kms", "gcp").KeyManagementServiceClient()
