"""Keys made from other secrets: HKDF (RFC 5869), Argon2id (RFC 9106), and the value by which a key is recognised."""

from __future__ import annotations

from dataclasses import dataclass
from hmac import digest
from typing import Final

from argon2.low_level import Type, hash_secret_raw
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from crmcore_compliance.crypto.suites import KEY_SIZE

__all__ = ["Cost", "check_value", "derive", "from_passphrase"]

_CHECK_BYTES: Final = 8


@dataclass(frozen=True, slots=True)
class Cost:
    """How much a guess at a passphrase costs; the default is RFC 9106's second recommendation.

    Attributes:

        memory: in KiB.
        passes: over that memory.
        lanes: that are filled side by side.
    """

    memory: int = 65536
    passes: int = 3
    lanes: int = 4


def derive(key: bytes, salt: bytes, info: bytes, length: int = KEY_SIZE) -> bytes:
    """Return a key made from another one with HKDF-SHA256; another `info` gives one that has nothing to do with it."""
    return HKDF(SHA256(), length, salt, info).derive(key)


def from_passphrase(passphrase: str, salt: bytes, cost: Cost) -> bytes:
    """Return the key of a passphrase with Argon2id.

    Args:

        passphrase: as a person chose it.
        salt: 16 random bytes, kept beside what the key seals.
        cost: kept there too.
    """
    return hash_secret_raw(passphrase.encode(), salt, cost.passes, cost.memory, cost.lanes, KEY_SIZE, Type.ID)


def check_value(key: bytes) -> bytes:
    """Return eight bytes by which a key is recognised and which tell nothing of it; GCM alone does not commit to its key."""
    return digest(key, b"kcv", "sha256")[:_CHECK_BYTES]
