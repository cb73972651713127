"""`aws-kms://KEY`: a symmetric key of AWS KMS by id, ARN or alias; with an alias each version is a key of its own."""

from __future__ import annotations

from base64 import b64encode
from datetime import datetime
from functools import cached_property
from typing import Any, Final

from crmcore_compliance.kms.cloud import Caller, library
from crmcore_compliance.kms.service import KeyInfo, KeysStay, Wrapped

__all__ = ["AwsKms"]

#: The fewest days that AWS waits before it deletes a key.
_WAIT: Final = 7
_GONE: Final = frozenset({"KMSInvalidStateException", "DisabledException"})
_ALTERED: Final = frozenset({"InvalidCiphertextException", "IncorrectKeyException"})
_REFUSED: Final = frozenset({
    "AccessDeniedException", "NotFoundException", "InvalidArnException", "InvalidKeyUsageException",
    "UnrecognizedClientException", "ValidationException", "NoCredentialsError", "NoRegionError",
})  # fmt: skip


class AwsKms:
    """See `crmcore_compliance.kms.Kms`.

    AWS never destroys one version of a key, so with an alias (`aws-kms://alias/crm`) `rotate` makes a new key and turns the
    alias to it, and `destroy` deletes the former key.

    Args:

        uri: see above; an ARN says the region too.
        client: what speaks with AWS; None makes boto3's.
    """

    def __init__(self, uri: str, client: Any = None) -> None:
        self.uri = uri
        self._key = uri.removeprefix("aws-kms://")
        self._given = client
        self._call = Caller(uri, _named, gone=_GONE, altered=_ALTERED, refused=_REFUSED)

    async def wrap(self, key: bytes, aad: bytes) -> Wrapped:
        answer = await self._call(
            lambda: self._client.encrypt(KeyId=self._key, Plaintext=key, EncryptionContext=_context(aad))
        )
        return Wrapped(answer["CiphertextBlob"], answer["KeyId"])

    async def unwrap(self, wrapped: Wrapped, aad: bytes) -> bytes:
        answer = await self._call(
            lambda: self._client.decrypt(
                KeyId=wrapped.version, CiphertextBlob=wrapped.blob, EncryptionContext=_context(aad)
            )
        )
        key: bytes = answer["Plaintext"]
        return key

    async def rewrap(self, wrapped: Wrapped, aad: bytes) -> Wrapped:
        answer = await self._call(
            lambda: self._client.re_encrypt(
                CiphertextBlob=wrapped.blob,
                SourceKeyId=wrapped.version,
                SourceEncryptionContext=_context(aad),
                DestinationKeyId=self._key,
                DestinationEncryptionContext=_context(aad),
            )
        )
        return Wrapped(answer["CiphertextBlob"], answer["KeyId"])

    async def rotate(self) -> str:
        if not self._is_alias:
            return (await self.describe()).version
        made = await self._call(lambda: self._client.create_key(Description="crmcore: wraps the keys of one epoch"))
        id: str = made["KeyMetadata"]["KeyId"]
        await self._call(lambda: self._client.update_alias(AliasName=self._key, TargetKeyId=id))
        arn: str = made["KeyMetadata"]["Arn"]
        return arn

    async def destroy(self, version: str) -> datetime | None:
        if not self._is_alias:
            msg = (
                f"{self.uri} is one key, and AWS destroys no version of a key; name an alias in the setting kms "
                "(aws-kms://alias/crm), so that each epoch has a key that can be deleted."
            )
            raise KeysStay(msg)
        answer = await self._call(lambda: self._client.schedule_key_deletion(KeyId=version, PendingWindowInDays=_WAIT))
        at: datetime = answer["DeletionDate"]
        return at

    async def describe(self) -> KeyInfo:
        answer = await self._call(lambda: self._client.describe_key(KeyId=self._key))
        found = answer["KeyMetadata"]
        return KeyInfo(self.uri, found["Arn"], found["KeyState"], found["CreationDate"], "It never leaves AWS KMS.")

    @property
    def _is_alias(self) -> bool:
        return "alias/" in self._key

    @cached_property
    def _client(self) -> Any:
        if self._given is not None:
            return self._given
        parts = self._key.split(":")
        region = {"region_name": parts[3]} if self._key.startswith("arn:") else {}
        return library("boto3", "aws").client("kms", **region)


def _context(aad: bytes) -> dict[str, str]:
    return {"crmcore": b64encode(aad).decode()}


def _named(error: Exception) -> str:
    response = getattr(error, "response", None)
    if isinstance(response, dict):
        name: str = response.get("Error", {}).get("Code", "")
        return name
    return type(error).__name__
