"""Tink's wire format: one byte 0x01, the key's id (32 bits, big endian), the nonce, the ciphertext, the tag."""

from __future__ import annotations

from os import urandom
from typing import Final

from cryptography.exceptions import InvalidTag

from crmcore_compliance.crypto.errors import Unreadable
from crmcore_compliance.crypto.suites import Cipher

__all__ = ["HEADER", "OVERHEAD", "header", "key_id_of", "open_wire", "seal_wire"]

#: Bytes before the nonce.
HEADER: Final = 5
_NONCE: Final = 12
_BODY: Final = HEADER + _NONCE
_TAG: Final = 16
#: Bytes that sealing adds.
OVERHEAD: Final = _BODY + _TAG


def header(key_id: int) -> bytes:
    """Return what every ciphertext of a key begins with."""
    return b"\x01" + key_id.to_bytes(4, "big")


def seal_wire(cipher: Cipher, header: bytes, plain: bytes, aad: bytes) -> bytes:
    """Return a ciphertext with a new random nonce.

    Args:

        cipher: the key.
        header: of the key.
        plain: what nobody shall read.
        aad: what it is bound to.
    """
    nonce = urandom(_NONCE)
    return header + nonce + cipher.encrypt(nonce, plain, aad)


def open_wire(cipher: Cipher, header: bytes, wire: bytes, aad: bytes) -> bytes:
    """Return what was sealed.

    Raises:

        Unreadable: it was altered, or bound to something else.
    """
    if len(wire) < OVERHEAD or wire[:HEADER] != header:
        raise Unreadable.because("it is too short, or not of the key it was given to.")
    try:
        return cipher.decrypt(wire[HEADER:_BODY], wire[_BODY:], aad)
    except InvalidTag:
        cause = f"its tag is wrong under key {int.from_bytes(header[1:], 'big')}; it was altered or moved."
        raise Unreadable.because(cause) from None


def key_id_of(wire: bytes) -> int:
    """Return the id of the key that a ciphertext names.

    Raises:

        Unreadable: it is none.
    """
    if len(wire) < OVERHEAD or wire[0] != 1:
        raise Unreadable.because("it is not in Tink's format.")
    return int.from_bytes(wire[1:HEADER], "big")
