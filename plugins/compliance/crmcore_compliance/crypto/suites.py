"""The ciphers a key may be for; a ciphertext does not say which, its key does, so that changing one is a matter of keys."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, Protocol

from cryptography.hazmat.primitives.ciphers.aead import AESGCM, AESGCMSIV

__all__ = ["KEY_SIZE", "SUITES", "Cipher", "Suite", "suite_of"]

#: Bytes of a key of any suite.
KEY_SIZE: Final = 32


class Cipher(Protocol):
    """A key ready for use; as `cryptography` has it."""

    def encrypt(self, nonce: bytes, data: bytes, associated_data: bytes | None) -> bytes:
        """Return ciphertext and tag."""

    def decrypt(self, nonce: bytes, data: bytes, associated_data: bytes | None) -> bytes:
        """Return the plaintext; raises `cryptography.exceptions.InvalidTag`."""


@dataclass(frozen=True, slots=True)
class Suite:
    """One cipher with associated data, with keys of 256 bits, nonces of 96 and tags of 128.

    Attributes:

        name: as keys say it.
        standard: where it is specified.
        cipher: makes a key ready.
    """

    name: str
    standard: str
    cipher: Callable[[bytes], Cipher]


SUITES: Final = {
    suite.name: suite
    for suite in (
        Suite("AES256_GCM", "NIST SP 800-38D", AESGCM),
        Suite("AES256_GCM_SIV", "RFC 8452", AESGCMSIV),
    )
}


def suite_of(name: str) -> Suite:
    """Return a suite by its name.

    Raises:

        ValueError: there is none of that name.
    """
    if name not in SUITES:
        msg = f"There is no suite {name!r}; take one of {', '.join(SUITES)}."
        raise ValueError(msg)
    return SUITES[name]
