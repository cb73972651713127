"""Signatures: Ed25519 (RFC 8032)."""

from __future__ import annotations

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

__all__ = ["Signer", "verify"]


class Signer:
    """A private key that signs.

    Args:

        key_id: by which the public key is found again.
        seed: the 32 bytes of the private key.

    Attributes:

        key_id: see above.
        public: the 32 bytes of the public key.
    """

    __slots__ = ("_private", "key_id", "public")

    def __init__(self, key_id: int, seed: bytes) -> None:
        self._private = Ed25519PrivateKey.from_private_bytes(seed)
        self.key_id = key_id
        self.public = self._private.public_key().public_bytes_raw()

    def sign(self, message: bytes) -> bytes:
        """Return the 64 bytes of the signature."""
        return self._private.sign(message)


def verify(public: bytes, signature: bytes, message: bytes) -> bool:
    """Say whether a signature is the one of a public key's owner under a message."""
    try:
        Ed25519PublicKey.from_public_bytes(public).verify(signature, message)
    except (InvalidSignature, ValueError):
        return False
    return True
