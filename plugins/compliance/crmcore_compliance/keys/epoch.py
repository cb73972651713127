"""An epoch key in memory: wraps data keys, each bound to its owner, with a value by which it is recognised."""

from __future__ import annotations

from binascii import a2b_base64, b2a_base64
from hmac import compare_digest
from os import urandom
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from crmcore_compliance.crypto.aad import joined
from crmcore_compliance.crypto.derivation import check_value
from crmcore_compliance.crypto.errors import Unreadable

__all__ = ["Epoch", "checked"]

_NONCE: Final = 12
_KEY: Final = (4).to_bytes(4, "little")


class Epoch:
    """An epoch key.

    Args:

        id: 1, 2, 3 ….
        tenant: whose it is.
        secret: the key itself.
        loaded: when the key service gave it, by the monotonic clock.
    """

    __slots__ = ("_before", "_cipher", "id", "loaded")

    def __init__(self, id: int, tenant: str, secret: bytes, loaded: float) -> None:
        self.id, self.loaded = id, loaded
        self._cipher, self._before = AESGCM(secret), joined(b"dek", tenant.encode())

    def wrap(self, owner: str, id: int, secret: bytes) -> str:
        """Return a data key wrapped, base64."""
        nonce = urandom(_NONCE)
        return b2a_base64(nonce + self._cipher.encrypt(nonce, secret, self._bound(owner, id)), newline=False).decode()

    def unwrap(self, owner: str, id: int, text: str, check: str) -> bytes:
        """Return a data key.

        Raises:

            Unreadable: it was altered, put into another's place, or is not the key it was.
        """
        blob = a2b_base64(text)
        try:
            secret = self._cipher.decrypt(blob[:_NONCE], blob[_NONCE:], self._bound(owner, id))
        except (InvalidTag, ValueError):
            cause = f"key {id} does not open under epoch {self.id}."
            raise Unreadable.because(cause) from None
        if not compare_digest(checked(secret), check):
            cause = f"key {id} is not the key that was made under this id."
            raise Unreadable.because(cause)
        return secret

    def _bound(self, owner: str, id: int) -> bytes:
        """Return what a data key is bound to; as `joined` writes it."""
        name = owner.encode()
        return self._before + len(name).to_bytes(4, "little") + name + _KEY + id.to_bytes(4, "big")


def checked(secret: bytes) -> str:
    """Return a key's check value as it is stored."""
    return check_value(secret).hex()
