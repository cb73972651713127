# ruff: noqa: N803 - the names of arguments are boto3's
"""Stand-ins for the clients of cloud key services: they wrap with AES-GCM in memory and fail as the real ones do."""

from __future__ import annotations

from base64 import b64decode, b64encode
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from os import urandom
from types import SimpleNamespace
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

__all__ = ["Aws", "ClientError", "Google", "Vault"]

NOW = datetime(2026, 1, 1, tzinfo=UTC)


class ClientError(Exception):
    """As botocore's: the code is in the response."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.response = {"Error": {"Code": code}}


class InvalidArgument(Exception):
    """As google.api_core's."""


class FailedPrecondition(Exception):
    """As google.api_core's."""


class InvalidRequest(Exception):
    """As hvac's."""


@dataclass
class Versions:
    """Keys by name, and which wraps now."""

    keys: dict[str, bytes] = field(default_factory=dict)
    newest: str = ""
    gone: set[str] = field(default_factory=set)

    def add(self, name: str) -> str:
        self.keys[name], self.newest = urandom(32), name
        return name

    def wrap(self, plain: bytes, aad: bytes) -> bytes:
        nonce = urandom(12)
        return nonce + AESGCM(self.keys[self.newest]).encrypt(nonce, plain, aad)

    def unwrap(self, name: str, blob: bytes, aad: bytes) -> bytes:
        return AESGCM(self.keys[name]).decrypt(blob[:12], blob[12:], aad)


class Aws:
    """boto3's client for KMS."""

    def __init__(self) -> None:
        self.versions = Versions()
        self.versions.add("arn:1")
        self.down = False

    def encrypt(self, KeyId: str, Plaintext: bytes, EncryptionContext: dict[str, str]) -> dict[str, Any]:
        self._try()
        blob = self.versions.wrap(Plaintext, _context(EncryptionContext))
        return {"CiphertextBlob": blob, "KeyId": self.versions.newest}

    def decrypt(self, KeyId: str, CiphertextBlob: bytes, EncryptionContext: dict[str, str]) -> dict[str, Any]:
        self._try()
        if KeyId in self.versions.gone:
            raise ClientError("KMSInvalidStateException")
        try:
            return {"Plaintext": self.versions.unwrap(KeyId, CiphertextBlob, _context(EncryptionContext))}
        except InvalidTag:
            raise ClientError("InvalidCiphertextException") from None

    def re_encrypt(self, **asked: Any) -> dict[str, Any]:
        plain = self.decrypt(asked["SourceKeyId"], asked["CiphertextBlob"], asked["SourceEncryptionContext"])
        return self.encrypt(asked["DestinationKeyId"], plain["Plaintext"], asked["DestinationEncryptionContext"])

    def create_key(self, Description: str) -> dict[str, Any]:
        self.made = f"arn:{len(self.versions.keys) + 1}"
        return {"KeyMetadata": {"KeyId": self.made, "Arn": self.made}}

    def update_alias(self, AliasName: str, TargetKeyId: str) -> None:
        self.versions.add(TargetKeyId)

    def schedule_key_deletion(self, KeyId: str, PendingWindowInDays: int) -> dict[str, Any]:
        self.versions.gone.add(KeyId)
        return {"DeletionDate": NOW + timedelta(days=PendingWindowInDays)}

    def describe_key(self, KeyId: str) -> dict[str, Any]:
        self._try()
        return {"KeyMetadata": {"Arn": self.versions.newest, "KeyState": "Enabled", "CreationDate": NOW}}

    def _try(self) -> None:
        if self.down:
            msg = "no route to host"
            raise ConnectionError(msg)


class Google:
    """google-cloud-kms's client."""

    def __init__(self) -> None:
        self.versions = Versions()
        self.versions.add("k/cryptoKeyVersions/1")

    def encrypt(self, request: dict[str, Any]) -> Any:
        blob = self.versions.wrap(request["plaintext"], request["additional_authenticated_data"])
        return SimpleNamespace(
            ciphertext=b"".join((self.versions.newest.encode(), b"|", blob)), name=self.versions.newest
        )

    def decrypt(self, request: dict[str, Any]) -> Any:
        name, _, blob = request["ciphertext"].partition(b"|")
        if name.decode() in self.versions.gone:
            raise FailedPrecondition
        try:
            plain = self.versions.unwrap(name.decode(), blob, request["additional_authenticated_data"])
        except (InvalidTag, KeyError):
            raise InvalidArgument from None
        return SimpleNamespace(plaintext=plain)

    def create_crypto_key_version(self, request: dict[str, Any]) -> Any:
        return SimpleNamespace(name=f"k/cryptoKeyVersions/{len(self.versions.keys) + 1}")

    def update_crypto_key_primary_version(self, request: dict[str, Any]) -> None:
        self.versions.add(f"k/cryptoKeyVersions/{request['crypto_key_version_id']}")

    def destroy_crypto_key_version(self, request: dict[str, Any]) -> Any:
        self.versions.gone.add(request["name"])
        return SimpleNamespace(destroy_time=NOW + timedelta(days=30))

    def get_crypto_key(self, request: dict[str, Any]) -> Any:
        primary = SimpleNamespace(
            name=self.versions.newest,
            state=SimpleNamespace(name="ENABLED"),
            create_time=NOW,
            protection_level=SimpleNamespace(name="HSM"),
        )
        return SimpleNamespace(primary=primary)


class Vault:
    """hvac's client, as far as Transit goes."""

    def __init__(self) -> None:
        self.versions, self.least = Versions(), 1
        self.versions.add("1")
        self.secrets = SimpleNamespace(transit=self)

    def encrypt_data(self, name: str, plaintext: str, associated_data: str, mount_point: str) -> dict[str, Any]:
        blob = self.versions.wrap(b64decode(plaintext), associated_data.encode())
        return {"data": {"ciphertext": f"vault:v{self.versions.newest}:{b64encode(blob).decode()}"}}

    def decrypt_data(self, name: str, ciphertext: str, associated_data: str, mount_point: str) -> dict[str, Any]:
        _, version, text = ciphertext.split(":")
        try:
            plain = self.versions.unwrap(version[1:], b64decode(text), associated_data.encode())
        except (InvalidTag, KeyError, ValueError):
            raise InvalidRequest from None
        return {"data": {"plaintext": b64encode(plain).decode()}}

    def rotate_key(self, name: str, mount_point: str) -> None:
        self.versions.add(str(int(self.versions.newest) + 1))

    def update_key_configuration(
        self, name: str, min_decryption_version: int, min_encryption_version: int, mount_point: str
    ) -> None:
        self.least = min_decryption_version

    def trim_key(self, name: str, min_version: int, mount_point: str) -> None:
        for version in [each for each in self.versions.keys if int(each) < min_version]:
            del self.versions.keys[version]

    def read_key(self, name: str, mount_point: str) -> dict[str, Any]:
        times = {version: int(NOW.timestamp()) for version in self.versions.keys}
        latest = int(self.versions.newest)
        return {"data": {"latest_version": latest, "min_decryption_version": self.least, "keys": times}}


def _context(given: dict[str, str]) -> bytes:
    return b64decode(given["crmcore"])
