"""Wrapping by a key that is in this process: AES-256-GCM with a random nonce before the ciphertext."""

from __future__ import annotations

from os import urandom

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from crmcore_compliance.crypto.errors import Unreadable

__all__ = ["unwrapped", "wrapped"]

_NONCE = 12


def wrapped(key: bytes, secret: bytes, aad: bytes) -> bytes:
    """Return a secret that only `key` opens."""
    nonce = urandom(_NONCE)
    return nonce + AESGCM(key).encrypt(nonce, secret, aad)


def unwrapped(key: bytes, blob: bytes, aad: bytes) -> bytes:
    """Return the secret.

    Raises:

        Unreadable: it was altered, is bound to something else, or was wrapped with another key.
    """
    try:
        return AESGCM(key).decrypt(blob[:_NONCE], blob[_NONCE:], aad)
    except (InvalidTag, ValueError):
        raise Unreadable.because("a wrapped key does not open under the key that wrapped it.") from None
