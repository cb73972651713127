"""Blind tokens: what a value is looked up by, without saying what it is."""

from __future__ import annotations

from typing import Final

from argon2.low_level import Type, hash_secret_raw
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.hmac import HMAC

__all__ = ["TokenKey", "slow_token"]

_BYTE: Final = 8
_WHOLE: Final = 256


class TokenKey:
    """The key of an index, made ready once: finding and keying the hash takes longer than hashing a value.

    Args:

        key: its bytes.
    """

    __slots__ = ("_keyed",)

    def __init__(self, key: bytes) -> None:
        self._keyed = HMAC(key, SHA256())

    def token(self, value: bytes, bits: int = _WHOLE) -> bytes:
        """Return the first `bits` of HMAC-SHA256; what does not fill the last byte is zero.

        Args:

            value: normalised.
            bits: 1 to 256.

        Raises:

            ValueError: so many bits there are not.
        """
        return _cut(self.whole(value), bits)

    def whole(self, value: bytes) -> bytes:
        """Return HMAC-SHA256 of a normalised value."""
        keyed = self._keyed.copy()
        keyed.update(value)
        return keyed.finalize()


def slow_token(key: bytes, value: bytes, bits: int = _WHOLE) -> bytes:
    """Return a token that costs 4 MiB and milliseconds to try: Argon2id, salted with the key (for values of low entropy).

    Args:

        key: of the index.
        value: normalised.
        bits: 1 to 256.

    Raises:

        ValueError: so many bits there are not.
    """
    made = hash_secret_raw(value, key, time_cost=3, memory_cost=4096, parallelism=1, hash_len=32, type=Type.ID)
    return _cut(made, bits)


def _cut(made: bytes, bits: int) -> bytes:
    if not 1 <= bits <= _WHOLE:
        msg = f"A token has 1 to {_WHOLE} bits, not {bits}."
        raise ValueError(msg)
    whole, rest = divmod(bits, _BYTE)
    if not rest:
        return made[:whole]
    return made[:whole] + bytes([made[whole] & (0xFF << (_BYTE - rest) & 0xFF)])
